import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

import { freePort } from '../../libs/testing/index.js';

export const AUDIENCE = 'nats';

/** One key pair, as an issuer has it. */
export async function keyPair(kid: string | undefined, alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), ...(kid !== undefined && { kid }), alg, use: 'sig' };
  return { kid, alg, privateKey, jwk };
}

export type KeyPair = Awaited<ReturnType<typeof keyPair>>;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An issuer that publishes keys and counts who asks for them. */
export async function startIssuer() {
  const key = await keyPair('first');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const asked: string[] = [];
  const issuer = {
    url,
    key,
    /** Paths of the requests so far. */
    asked,
    keys: [key.jwk] as unknown[],
    metadata: { issuer: url, jwks_uri: `${url}/jwks` } as object,
    /** In the place of the issuer's own answers. */
    answer: undefined as Answer | undefined,
    token,
    stop,
    listen,
  };
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (issuer.answer) return issuer.answer(request, response);
    const body = request.url === '/jwks' ? { keys: issuer.keys } : issuer.metadata;
    response.end(JSON.stringify(body));
  });

  /** A token that is right, but for what is changed. `undefined` takes a claim out. */
  function token(
    claims: Record<string, unknown> = {},
    signer: KeyPair = key,
    header: Record<string, unknown> = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const all = { iss: url, aud: AUDIENCE, sub: 'orders', iat: now, exp: now + 300, ...claims };
    return new SignJWT(all)
      .setProtectedHeader({
        alg: signer.alg,
        ...(signer.kid !== undefined && { kid: signer.kid }),
        ...header,
      })
      .sign(signer.privateKey);
  }
  async function listen(): Promise<void> {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  }
  async function stop(): Promise<void> {
    if (server.listening) await new Promise((resolve) => server.close(resolve).closeAllConnections());
  }
  await listen();
  onTestFinished(stop);
  return issuer;
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;
