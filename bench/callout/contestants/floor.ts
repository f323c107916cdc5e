import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';

import type { Authorize } from '../contestant-process.js';

/** As long as the JWTs of a request, a user and an answer. */
const [REQUEST, USER, ANSWER] = [randomBytes(1_400), randomBytes(500), randomBytes(1_000)];

/** What no authorization can do without: two Ed25519 signatures and one verification. */
export function floor(): Promise<Authorize> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const signature = sign(null, REQUEST, privateKey);
  return Promise.resolve((requests) => {
    for (let done = 0; done < requests.length; done++) {
      verify(null, REQUEST, publicKey, signature);
      sign(null, USER, privateKey);
      sign(null, ANSWER, privateKey);
    }
    return Promise.resolve();
  });
}
