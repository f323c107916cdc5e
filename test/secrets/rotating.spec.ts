import { RotationFailedError } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { Scene } from './harness/scene.js';
import { KINDS } from './places/index.js';

const IN_PLACE = { rotation: { mode: 'reconnect' } } as const;

describe.each(KINDS)('$kind', (kind) => {
  it('refreshed ahead of its expiry', async () => {
    const scene = await Scene.of(kind);
    let first = true;
    scene.answer = async (request) => {
      const userInfo = await scene.place.issue();
      const expires = first || request.reason !== 'expiring';
      first = false;
      return expires ? { ...userInfo, expiresAt: Date.now() + 2_500 } : userInfo;
    };
    await scene.start({ refresh: { ahead: { fraction: 0.45, jitter: 0 } } });
    await scene.until('rotated', 2);
    await scene.answered();
    await scene.end();
  });

  it('rotated by handover, and by a handover that fails', async () => {
    const scene = await Scene.of(kind);
    await scene.start();
    await scene.nats.rotate();
    scene.answer = () => scene.place.forge();
    expect(await scene.failing(() => scene.nats.rotate())).toBeInstanceOf(RotationFailedError);
    await scene.lookAround();
    scene.answer = () => scene.place.issue();
    await scene.nats.rotate();
    await scene.answered();
    await scene.end();
  });

  it('rotated in place, and in place with what the server rejects', async () => {
    const scene = await Scene.of(kind);
    await scene.start(IN_PLACE);
    await scene.nats.rotate();
    let forged = 0;
    scene.answer = () => (forged++ < 1 ? scene.place.forge() : scene.place.issue());
    await scene.failing(() => scene.nats.rotate());
    await scene.until('rejected');
    await scene.answered();
    await scene.end();
  });

  it('in use during a shutdown with requests under way, some of which are cut off', async () => {
    const scene = await Scene.of(kind);
    await scene.start({ connection: { gracefulShutdown: true, gracePeriod: 200 } });
    const requests = Array.from({ length: 20 }, () => firstValueFrom(scene.client.send('slow', 'hello')));
    const settled = Promise.all(requests.map((request) => scene.failing(() => request)));
    await eventually(() => scene.slow === 20, { what: 'the handlers to begin' });
    await scene.end();
    scene.finish();
    await settled;
    scene.ears.expectNo(scene.secrets, 'error of a call', 'event cutOff');
  });
});
