import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it } from 'vitest';

import { TestFolder } from '../../../libs/providers/files/files.fixture.js';
import { KINDS, type Stage } from './kinds.js';
import { startEcho, startLoad, watchRotations } from './service.js';

describe.each(KINDS)('$kind', ({ prepare }) => {
  it('connects a service, and moves it to the user of a new file that takes the place of the old one', async () => {
    const folder = await TestFolder.make();
    const stage = await prepare(folder);
    const [first, second] = stage.contents;
    for (const [name, text] of Object.entries(first)) await folder.replace(name, text);
    await movesOver(stage, async () => {
      for (const [name, text] of Object.entries(second)) await folder.replace(name, text);
    });
  });

  it('connects a service, and moves it over when Kubernetes swaps the link of the volume', async () => {
    const folder = await TestFolder.make();
    const stage = await prepare(folder);
    const [first, second] = stage.contents;
    await folder.mount(first);
    await movesOver(stage, () => folder.mount(second));
  });
});

/** Under load: one rotation by itself, no failed request, and the server sees the second user. */
async function movesOver(stage: Stage, replace: () => Promise<void>): Promise<void> {
  const { server, provider, users, caller } = stage;
  const app = await startEcho(server, provider);
  const rotations = watchRotations(app);
  const load = await startLoad(server, caller);
  await eventually(() => load.answered > 100, { what: 'load' });
  expect(await stage.presented()).toEqual([users[0]]);
  await replace();
  await eventually(async () => String(await stage.presented()) === users[1], { what: 'the second user' });
  const answered = load.answered;
  await eventually(() => load.answered > answered + 100, { what: 'load after the rotation' });
  await load.stop();
  expect(load.errors).toEqual([]);
  expect(rotations).toEqual({ succeeded: 1, failed: 0, rejected: 0 });
}
