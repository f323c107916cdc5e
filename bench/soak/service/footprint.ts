import { readdir, readlink } from 'node:fs/promises';
import { queryObjects } from 'node:v8';

import { collectGarbage } from '../../child/used-memory.js';
import type { Footprint } from './protocol.js';

const OPEN_FILES = '/proc/self/fd';

/** Measures this process. @param connection one of the connection objects that are counted on the heap. */
export async function measure(connection: object): Promise<Omit<Footprint, 'pending' | 'series'>> {
  await collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  const handles = countByKind(process.getActiveResourcesInfo());
  return {
    heapUsed,
    external,
    rss,
    objects: queryObjects(Object, { format: 'count' }),
    natsConnections: queryObjects(connection.constructor, { format: 'count' }),
    abortSignals: queryObjects(AbortSignal, { format: 'count' }),
    ...((await openFiles()) ?? { sockets: handles['TCPSocketWrap'] ?? 0 }),
    handles,
    listeners: process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0),
  };
}

function countByKind(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

async function openFiles(): Promise<{ files: number; sockets: number } | undefined> {
  try {
    const names = await readdir(OPEN_FILES);
    // The folder that was read is closed by now.
    const targets = await Promise.all(names.map((name) => readlink(`${OPEN_FILES}/${name}`).catch(() => '')));
    const open = targets.filter((target) => target !== '');
    return { files: open.length, sockets: open.filter((target) => target.startsWith('socket:')).length };
  } catch {
    return undefined;
  }
}
