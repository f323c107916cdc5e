// In the place of Keycloak, Auth0 or Entra ID: a certified OpenID server in this process, whose tokens live for some seconds.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { exportJWK, generateKeyPair } from 'jose';
import { freePort } from 'nestjs-nats-auth/testing';
import Provider from 'oidc-provider';

export const AUDIENCE = 'urn:nats';

export async function startIdentityProvider({ tokenSeconds }: { tokenSeconds: number }) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const clientSecret = randomBytes(16).toString('hex');
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const accessToken = {
    scope: 'nats',
    audience: AUDIENCE,
    accessTokenTTL: tokenSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  } as const;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'orders',
        client_secret: clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'key-1', alg: 'ES256', use: 'sig' }] },
    scopes: ['nats'],
    ttl: { ClientCredentials: tokenSeconds },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => accessToken,
      },
    },
  });
  const answer = provider.callback();
  const http = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  return {
    issuer,
    clientSecret,
    stop: () => {
      http.close();
      http.closeAllConnections();
    },
  };
}
