import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { serverForTest } from '../support/server-for-test.js';
import { stepClock } from '../support/step-clock.js';
import { createTlsFiles } from '../support/tls.js';
import { Scene } from './harness/scene.js';
import { Secrets } from './harness/secrets.js';
import { type Kind, KINDS, type Place } from './places/index.js';

const HOURS = 60 * 60_000;

/** A scene that is connected through a proxy. */
async function behindProxy(
  kind: Kind,
): Promise<{ scene: Scene & { readonly place: Place }; proxy: FaultProxy }> {
  const scene = await Scene.of(kind);
  const proxy = await startFaultProxy(scene.place.server);
  onTestFinished(() => proxy.stop());
  await scene.start({ connection: { servers: proxy.url } });
  return { scene, proxy };
}

describe.each(KINDS)('$kind', (kind) => {
  it('on a network that resets connections, also before CONNECT is through, and garbles them', async () => {
    const { scene, proxy } = await behindProxy(kind);
    proxy.treat({ breaks: { at: 'connect', how: 'reset' } });
    proxy.breakOpen('reset');
    await scene.until('disconnected', 2);
    await scene.lookAround();
    proxy.heal();
    await scene.answered();
    proxy.inject('!no protocol\r\n');
    await scene.until('disconnected', 4);
    await scene.answered();
    await scene.end();
  });

  it('while the wall clock is set forward and back by hours', async () => {
    const { scene, proxy } = await behindProxy(kind);
    for (const step of [8 * HOURS, -8 * HOURS]) {
      stepClock(step);
      const before = scene.ears.times('connected');
      proxy.breakOpen('reset');
      await scene.until('connected', before + 2);
      await scene.answered();
    }
    await scene.end();
  });
});

it.each(KINDS.filter(({ isCalledOut }) => isCalledOut))(
  '$kind while nobody answers the server that asks about it',
  async (kind) => {
    const { scene, proxy } = await behindProxy(kind);
    const resume = (await scene.place.interrupt?.()) ?? expect.fail('It has nothing to interrupt.');
    const { accepted } = proxy;
    proxy.breakOpen('reset');
    // Each role has dialled twice: it was not let in the first time.
    await eventually(() => proxy.accepted >= accepted + 4, { what: 'dials in vain', timeoutMs: 30_000 });
    await scene.lookAround();
    await resume();
    await scene.answered();
    await scene.end();
  },
);

it.each(KINDS)('$kind for a server whose certificate nobody vouches for', async (kind) => {
  const [files, others] = [await createTlsFiles(), await createTlsFiles()];
  onTestFinished(() => Promise.all([files.remove(), others.remove()]).then(() => undefined));
  const server = await serverForTest({ config: files.config() });
  const secrets = new Secrets();
  const place = await kind.open(secrets);
  onTestFinished(() => place.stop());
  const scene = Scene.at({ server, issue: () => place.issue() }, secrets);
  await expect(scene.listen({ connection: { tls: { ca: others.ca } } })).rejects.toThrow();
  expect(scene.ears.at('error of the start')).toMatch(/certificate|issuer|self.signed/i);
  await scene.end();
});
