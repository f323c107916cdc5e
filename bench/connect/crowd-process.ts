// A process with many connections of one side: node crowd-process.js ours|plain URL COUNT. It tells its parent when all
// are there, and again when all are back after a restart of the server.
import { usedMemory } from '../child/used-memory.js';
import { OurConnections } from './our-connections.js';
import { onReconnect, plainConnection } from './plain-connection.js';

/** What is told each time. */
export interface CrowdReport {
  /** Heap and memory outside of it, in bytes for each connection. */
  readonly bytesPerConnection: number;
  /** Provider calls since the last report. */
  readonly calls: number;
  /** `performance.timeOrigin`-based, so that the parent can compare it with its own clock; in ms. */
  readonly at: number;
}

/** Connections that are dialled at once; a listen queue holds no more. */
const AT_ONCE = 100;

const [side, url = '', countText] = process.argv.slice(2);
const count = Number(countText);
const own = new OurConnections(url, 'later');
const before = await usedMemory();
let toGo = count;

for (let opened = 0; opened < count; opened += AT_ONCE) {
  const batch = Array.from(
    { length: Math.min(AT_ONCE, count - opened) },
    side === 'ours' ? openOurs : openPlain,
  );
  await Promise.all(batch);
}
if (side === 'ours') own.events.on('connected', isBack);
await report();

async function openOurs(): Promise<void> {
  await own.create().open();
}

async function openPlain(): Promise<void> {
  void onReconnect(await plainConnection(url), isBack);
}

function isBack(): void {
  if (--toGo === 0) void report();
}

async function report(): Promise<void> {
  const at = performance.timeOrigin + performance.now();
  const bytesPerConnection = ((await usedMemory()) - before) / count;
  process.send?.({ bytesPerConnection, calls: own.calls, at } satisfies CrowdReport);
  own.calls = 0;
  toGo = count;
}
