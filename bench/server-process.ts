import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';

/** A nats-server whose CPU time can be read. */
export interface MeasuredServer {
  readonly server: NatsServer;
  /** CPU time since its start in µs; `undefined` where there is no /proc. */
  cpuMicros(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export async function startMeasuredServer(config = ''): Promise<MeasuredServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const pidFile = join(folder, 'pid');
  const server = await startNatsServer({ config: `pid_file: ${JSON.stringify(pidFile)}\n${config}` });
  const microsPerTick = 1e6 / ticksPerSecond();
  return {
    server,
    cpuMicros: async () => {
      try {
        const stat = await readFile(`/proc/${(await readFile(pidFile, 'utf8')).trim()}/stat`, 'utf8');
        // The name of the program may hold spaces; user and system time are the 14th and 15th field.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return (Number(fields[11]) + Number(fields[12])) * microsPerTick;
      } catch {
        return undefined;
      }
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ticksPerSecond(): number {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return 100;
  }
}
