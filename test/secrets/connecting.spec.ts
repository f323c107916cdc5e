import { RejectedError, UserInfoUnavailableError } from 'nestjs-nats-auth';
import { describe, expect, it } from 'vitest';

import { Scene } from './harness/scene.js';
import { KINDS } from './places/index.js';

describe.each(KINDS)('$kind', (kind) => {
  it('accepted at the first connect', async () => {
    const scene = await Scene.of(kind);
    await scene.start();
    await scene.end();
  });

  it('rejected at the first connect', async () => {
    const scene = await Scene.of(kind);
    scene.answer = () => scene.place.forge();
    await expect(scene.listen()).rejects.toBeInstanceOf(RejectedError);
    await scene.end();
  });

  it('rejected later, and replaced after two more rejections', async () => {
    const scene = await Scene.of(kind);
    await scene.start();
    const isRejectedTwice = () => scene.ears.times('rejected') >= 2;
    scene.answer = () => (isRejectedTwice() ? scene.place.issue() : scene.place.forge());
    await scene.place.withdraw();
    await scene.until('rejected', 2);
    await scene.lookAround();
    await scene.answered();
    await scene.end();
  });

  if (kind.expires) {
    it('expired by the server', async () => {
      const scene = await Scene.of(kind);
      const { issueFor } = scene.place;
      if (!issueFor) throw new Error('It does not expire.');
      let short = true;
      scene.answer = () => (short ? issueFor(1_500) : scene.place.issue());
      await scene.start({ refresh: { ahead: false } });
      short = false;
      await scene.until('rejected');
      await scene.answered();
      expect(scene.ears.at('event rejected')).toContain('expired');
      await scene.end();
    });
  }

  it('presented again to a server that went down', async () => {
    const scene = await Scene.of(kind);
    await scene.start();
    await scene.place.server.kill();
    await scene.until('disconnected', 2);
    await scene.lookAround();
    await scene.place.server.restart();
    await scene.answered();
    await scene.end();
  });

  it('in the hands of a provider that fails, times out, and gives rubbish made of it', async () => {
    const scene = await Scene.of(kind);
    const userInfo = await scene.place.issue();
    const texts = Object.values(userInfo).filter((value) => typeof value === 'string');
    const secret = texts.at(-1) ?? scene.secrets.word('word');
    scene.answer = () => Promise.reject(new Error('IAM is down'));
    await expect(scene.listen()).rejects.toBeInstanceOf(UserInfoUnavailableError);
    await scene.end();
    for (const rubbish of [
      secret,
      texts,
      { ...userInfo, password: secret },
      { ...userInfo, seed: `SU${secret}` },
      { ...userInfo, jwt: secret, creds: secret },
      { ...userInfo, expiresAt: secret },
      { creds: `-----BEGIN NATS USER JWT-----\n${secret.slice(0, -40)}\n` },
      { nkey: secret, sign: secret },
    ]) {
      const again = Scene.at(scene.place, scene.secrets);
      again.answer = () => rubbish as never;
      await expect(again.listen()).rejects.toBeInstanceOf(UserInfoUnavailableError);
      expect(again.ears.at('event refreshFailed')).toContain('USER_INFO_INVALID');
      await again.end();
    }
    const late = Scene.at(scene.place, scene.secrets);
    late.answer = () => new Promise<never>(() => {});
    await expect(late.listen({ refresh: { timeout: 50, retry: { maxAttempts: 1 } } })).rejects.toBeInstanceOf(
      UserInfoUnavailableError,
    );
    await late.end();
  });
});
