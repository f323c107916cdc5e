import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { eventually } from '../../../libs/testing/index.js';
import { LibraryApplication } from './library.js';
import { startScene } from './scene.js';

const EXPIRIES = 10;
const DOWN_MS = 8_000;

/** How a connection of the driver that the library takes tells that it was ended, or that it reconnects by itself. */
const MOVES = { 'by itself': 'staleConnection', followed: 'client initiated reconnect' } as const;

describe('nestjs-jetstream with connectionOptions()', () => {
  it.concurrent.each(Object.entries(MOVES))(
    'loses no order over ten expiries and an outage of the provider, and stores none twice (%s)',
    { timeout: 180_000 },
    async (how, move) => {
      await using scene = await startScene();
      const { provider, servers } = scene;
      const followed = how === 'followed';
      await using app = await LibraryApplication.start({
        servers,
        followed,
        everyMs: 10,
        provide: provider.provide,
      });
      const movedTimes = (times: number) =>
        eventually(() => app.connections.every((told) => (told[move] ?? 0) >= times), {
          what: `${times} × ${move}`,
          timeoutMs: 90_000,
        });

      await movedTimes(EXPIRIES / 2);
      provider.isDown = true;
      await delay(DOWN_MS);
      provider.isDown = false;
      await movedTimes(EXPIRIES);
      app.stopPublishing();
      await eventually(() => app.publishedAll, { what: 'the last order', timeoutMs: 30_000 });
      // The library's `ack_wait` is 10 s.
      await eventually(() => scene.nothingPending(), { what: 'the last acknowledgement', timeoutMs: 60_000 });

      expect(await scene.stored()).toBe(app.published.length);
      expect(new Set(app.handled)).toEqual(new Set(app.published));
      // Acknowledgements that are under way when the server ends a connection are lost with it, however many there are.
      const repeated = app.handled.length - app.published.length;
      const ended = app.connections.reduce((sum, told) => sum + (told['staleConnection'] ?? 0), 0);
      if (ended === 0) expect(repeated).toBe(0);
      if (followed) expect(ended).toBeLessThan(EXPIRIES);
      console.log(
        `${how}: ${app.published.length} orders, ${repeated} repeated, ${ended} connections ended by the server`,
      );
      expect(await app.close()).toBe(0);
    },
  );
});
