import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

import { BAD_PORTS } from './bad-ports.js';

// Below the range that the system takes ports of outgoing connections from, so that a server that was stopped finds
// its port free again.
const LOWEST = 10_000;
const HIGHEST = 32_000;
const MOST_DRAWS = 1_000;
/** Processes that run side by side draw from different ports, most of them: two could find the same one free before either listens. */
const SHARES = 16;

/** What this process has been given: a server that is stopped for a while keeps its port. */
const given = new Set<number>();

/**
 * A TCP port of 127.0.0.1 that nobody listens on at this moment, and that `fetch` and browsers do not refuse.
 * @param draw proposes a port. Default: one from 10,000 to 31,999 that this process was not given before, at random.
 * @throws {Error} when none of 1,000 proposed ports will do.
 */
export async function freePort(draw?: () => number): Promise<number> {
  for (let draws = 0; draws < MOST_DRAWS; draws++) {
    const port = draw ? draw() : ownPort();
    if (!BAD_PORTS.has(port) && (await isFree(port))) return port;
  }
  throw new Error(
    `None of ${MOST_DRAWS} ports that were drawn is free and open to fetch: end what holds them.`,
  );
}

function ownPort(): number {
  const size = (HIGHEST - LOWEST) / SHARES;
  if (given.size >= size) given.clear();
  for (;;) {
    const port = LOWEST + SHARES * randomInt(size) + (process.pid % SHARES);
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * Runs `start`, which takes free ports, again when somebody else took one of them first.
 * @throws what the fifth attempt throws, and at once anything that is not about ports.
 */
export async function withFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 5 || !/address already in use|EADDRINUSE/.test(String(error))) throw error;
    }
  }
}
