// A service that the NATS server asks whether a client may come in: it checks the access token.
import { type AuthorizationRequest, decode, encodeAuthorizationResponse, encodeUser } from '@nats-io/jwt';
import { createAccount, fromPublic } from '@nats-io/nkeys';
import { connect, type Msg } from '@nats-io/transport-node';
import { createRemoteJWKSet, jwtVerify } from 'jose';

import { AUDIENCE } from './identity-provider.js';

export function createAuthCallout(issuer: string, admitted: (client: string) => void) {
  const account = createAccount();
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));

  const answer = async (message: Msg): Promise<void> => {
    const request = decode<AuthorizationRequest>(message.string()).nats as AuthorizationRequest;
    const user = fromPublic(request.user_nkey);
    const decision = await jwtVerify(request.connect_opts.auth_token ?? '', keys, {
      issuer,
      audience: AUDIENCE,
    }).then(
      async ({ payload: { client_id, exp } }) => {
        const client = String(client_id);
        admitted(client);
        // The connection ends with the token.
        return { jwt: await encodeUser(client, user, account, {}, { aud: 'APP', exp }) };
      },
      (error: unknown) => ({ error: String(error) }),
    );
    const server = fromPublic(request.server_id.id);
    message.respond(await encodeAuthorizationResponse(user, server, account, decision, {}));
  };

  return {
    serverConfig: `
      accounts {
        AUTH { users: [ { user: callout, password: secret } ] }
        APP {}
      }
      authorization {
        timeout: 5
        auth_callout { issuer: ${account.getPublicKey()}, account: AUTH, auth_users: [ callout ] }
      }`,
    start: async (servers: string) => {
      const connection = await connect({ servers, user: 'callout', pass: 'secret' });
      connection.subscribe('$SYS.REQ.USER.AUTH', {
        callback: (error, message) => {
          if (!error) void answer(message);
        },
      });
      await connection.flush();
      return connection;
    },
  };
}
