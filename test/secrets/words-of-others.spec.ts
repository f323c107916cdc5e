import { SigningFailedError, UserInfoUnavailableError } from 'nestjs-nats-auth';
import { describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../support/fault-proxy.js';
import { createOperatorMode } from '../support/operator-mode.js';
import { Scene } from './harness/scene.js';
import type { Secrets } from './harness/secrets.js';
import { JWT_AND_SIGNER, PASSWORD } from './places/index.js';

const ONE_ATTEMPT = { refresh: { retry: { maxAttempts: 1 } } };

/** What others say, with a JWT, a seed, a password in a URL and a token in another: all that has a shape. */
async function wordsWith(secrets: Secrets): Promise<string> {
  const { jwt, seed } = await (await createOperatorMode()).mintUser();
  secrets.keep('quoted JWT', jwt);
  secrets.keep('quoted seed', seed);
  const [pass, token] = [secrets.word('quoted password'), secrets.word('quoted token')];
  return `IAM: no ${jwt} (${seed}) at https://svc:${pass}@iam/ and "nats://${token}@host:4222"`;
}

describe('a provider whose error quotes secrets', () => {
  it('fails the first connect', async () => {
    const scene = await Scene.of(PASSWORD);
    const own = scene.ears.exempt(new Error(await wordsWith(scene.secrets)));
    scene.answer = () => Promise.reject(own);
    await expect(scene.listen()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE', cause: own });
    expect(scene.ears.at('log')).toContain('https://[redacted]@iam');
    expect(scene.ears.at('status')).toBe('');
    await scene.end();
    expect(scene.ears.at('status')).toContain('IAM: no [redacted]');
  });

  it('fails a refresh and a rotation, and names another error as cause', async () => {
    const scene = await Scene.of(PASSWORD);
    await scene.start(ONE_ATTEMPT);
    const words = await wordsWith(scene.secrets);
    const cause = scene.ears.exempt(new TypeError(words));
    const own = scene.ears.exempt(new Error(words, { cause }));
    scene.answer = () => Promise.reject(own);
    expect(await scene.failing(() => scene.nats.refresh())).toBeInstanceOf(UserInfoUnavailableError);
    expect(await scene.failing(() => scene.nats.rotate())).toMatchObject({ cause: own });
    await scene.end();
  });

  it.each<[string, (words: string) => unknown]>([
    ['a string', (words) => words],
    ['an object with a text', (words) => ({ toString: () => words })],
  ])('throws %s in the place of an error', async (_, thrown) => {
    const scene = await Scene.of(PASSWORD);
    const words = await wordsWith(scene.secrets);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- It is what careless providers do.
    scene.answer = () => Promise.reject(thrown(words));
    await expect(scene.listen()).rejects.toBeInstanceOf(UserInfoUnavailableError);
    await scene.end();
  });
});

describe('a signer', () => {
  it('whose error quotes secrets', async () => {
    const scene = await Scene.of(JWT_AND_SIGNER);
    const own = scene.ears.exempt(new Error(await wordsWith(scene.secrets)));
    const sign = () => Promise.reject(own);
    scene.answer = async () => ({ ...(await scene.place.issue()), sign });
    await expect(scene.listen()).rejects.toMatchObject({ code: 'SIGNING_FAILED', cause: own });
    await scene.end();
  });

  it.each<[string, (signature: Uint8Array) => unknown]>([
    ['gives its signature as base64', (signature) => Buffer.from(signature).toString('base64')],
    ['gives half of its signature', (signature) => signature.slice(0, 32)],
  ])('that %s', async (_, spoil) => {
    const scene = await Scene.of(JWT_AND_SIGNER);
    scene.answer = async () => {
      const { jwt, sign } = await scene.place.issue();
      const spoiled = async (nonce: Uint8Array) => {
        const signature = (await sign?.(nonce)) ?? new Uint8Array();
        scene.secrets.keep('signature', Buffer.from(signature).toString('base64url').slice(0, 40));
        return spoil(signature) as Uint8Array;
      };
      return { jwt, sign: spoiled };
    };
    await expect(scene.listen()).rejects.toBeInstanceOf(SigningFailedError);
    await scene.end();
  });
});

describe('a server', () => {
  const withProxy = async () => {
    const scene = await Scene.of(PASSWORD);
    const proxy = await startFaultProxy(scene.place.server);
    onTestFinished(() => proxy.stop());
    const words = await wordsWith(scene.secrets);
    return { scene, proxy, words, connection: { servers: proxy.url } };
  };

  it.each([
    ['whose rejection quotes what it was shown', 'Authorization Violation: '],
    ['whose refusal quotes what it was shown', 'Stale Connection: '],
  ])('%s', async (_, error) => {
    const { scene, proxy, words, connection } = await withProxy();
    proxy.treat({ rewriteInfo: (info) => `${info}-ERR '${error}${words}'\r\n` });
    await scene.listen({ connection }).catch(() => undefined);
    expect(scene.ears.at('error of the start')).toContain('https://[redacted]@iam');
    await scene.end();
  });

  it('that quotes what it was shown when it ends a connection', async () => {
    const { scene, proxy, words, connection } = await withProxy();
    await scene.start({ connection });
    proxy.inject(`-ERR 'User Authentication Expired: ${words}'\r\n`);
    proxy.breakOpen('reset');
    await scene.until('rejected');
    await scene.answered();
    await scene.end();
  });

  it('that answers with something else', async () => {
    const { scene, proxy, words, connection } = await withProxy();
    proxy.treat({ rewriteInfo: () => `INFO {"nonce": ${words}\r\n` });
    await expect(scene.listen({ connection })).rejects.toMatchObject({ code: 'CONNECT_REFUSED' });
    await scene.end();
  });
});

it('a listener of the application that throws what it should not', async () => {
  const scene = await Scene.of(PASSWORD);
  const words = await wordsWith(scene.secrets);
  await scene.start();
  scene.nats.on('refreshed', () => {
    throw new Error(words);
  });
  await scene.nats.refresh();
  await new Promise(setImmediate);
  expect(scene.ears.at('process warning')).toContain('https://[redacted]@iam');
  await scene.answered();
  await scene.end();
});
