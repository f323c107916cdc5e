// In the place of a KMS, which holds a private key and signs with it, and of what issues user JWTs for its public key.
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { encodeAccount, encodeOperator, encodeUser } from '@nats-io/jwt';
import { createAccount, createOperator, createUser } from '@nats-io/nkeys';
import { freePort } from 'nestjs-nats-auth/testing';

export async function startKmsAndIssuer({ jwtSeconds }: { jwtSeconds: number }) {
  const [operator, account, user] = [createOperator(), createAccount(), createUser()];
  let signed = 0;
  const issue = () => {
    const exp = Math.floor(Date.now() / 1_000) + jwtSeconds;
    return encodeUser('orders', user.getPublicKey(), account, {}, { exp });
  };
  const http = createServer((request, response) => {
    if (request.url === '/user-jwt') return void issue().then((jwt) => response.end(jwt));
    void buffer(request).then((nonce) => {
      signed++;
      response.end(user.sign(nonce));
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));

  const accountId = account.getPublicKey();
  const limits = { conn: -1, subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true };
  return {
    url: `http://127.0.0.1:${port}`,
    /** A server that trusts the issuer. */
    serverConfig: [
      `operator: ${await encodeOperator('example', operator)}`,
      'resolver: MEMORY',
      `resolver_preload: { ${accountId}: ${await encodeAccount('orders', account, { limits }, { signer: operator })} }`,
    ].join('\n'),
    /** How many nonces it has signed. */
    signed: () => signed,
    stop: () => {
      http.close();
      http.closeAllConnections();
    },
  };
}
