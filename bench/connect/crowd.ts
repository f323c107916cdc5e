import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { NatsServer } from 'nestjs-nats-auth/testing';

import type { CrowdReport } from './crowd-process.js';

/** What many connections of one process come to. */
export interface CrowdFigures {
  readonly bytesPerConnection: number;
  /** Provider calls while all connected, and in each restart. */
  readonly callsToConnect: number;
  readonly callsPerRestart: readonly number[];
  /** From the restart of the server until all are back, in ms. */
  readonly msUntilAllAreBack: readonly number[];
}

/** Opens `count` connections of one side in a process of their own, and restarts the server under them. */
export async function measureCrowd(
  side: 'ours' | 'plain',
  server: NatsServer,
  count: number,
  restarts: number,
): Promise<CrowdFigures> {
  const script = fileURLToPath(new URL('crowd-process.js', import.meta.url));
  const child = fork(script, [side, server.url, String(count)], { execArgv: ['--expose-gc'] });
  try {
    const report = async () => (await Promise.race([once(child, 'message'), ended(child)]))[0] as CrowdReport;
    const { bytesPerConnection, calls: callsToConnect } = await report();
    const callsPerRestart: number[] = [];
    const msUntilAllAreBack: number[] = [];
    for (let restart = 0; restart < restarts; restart++) {
      const startedAt = performance.timeOrigin + performance.now();
      const back = report();
      await server.restart();
      const { calls, at } = await back;
      callsPerRestart.push(calls);
      msUntilAllAreBack.push(at - startedAt);
    }
    return { bytesPerConnection, callsToConnect, callsPerRestart, msUntilAllAreBack };
  } finally {
    child.kill('SIGKILL');
  }
}

async function ended(child: ReturnType<typeof fork>): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`The process of the connections ended with code ${code ?? 'none'}.`);
}
