// A process that authorizes, and does nothing else: node --expose-gc contestant-process.js '{"contestant": "ours", "issuer": "SA…", "curve": "SX…"}'.
import { answer } from '../child/commands.js';
import type { Contestant } from './contestants.js';
import { floor } from './contestants/floor.js';
import { natsJwt } from './contestants/nats-jwt.js';
import { ours } from './contestants/ours.js';
import type { Keys, SealedRequest, StoredRequest } from './fake-server.js';

/** Answers all of these requests. */
export type Authorize = (requests: readonly SealedRequest[]) => Promise<void>;

export interface CpuFigures {
  /** CPU time for each authorization. */
  readonly cpuMicros: number;
  readonly perSecond: number;
}

export interface ContestantArgument {
  readonly contestant: Contestant;
  readonly keys: Keys;
}

export type ContestantCommands = { authorize: (stored: readonly StoredRequest[]) => Promise<CpuFigures> };

const { contestant, keys } = JSON.parse(process.argv[2] ?? '{}') as ContestantArgument;
const makers: Record<Contestant, (keys: Keys) => Promise<Authorize>> = { ours, natsJwt, floor };
const authorize = await makers[contestant](keys);

answer({
  authorize: async (stored) => {
    const requests = stored.map((one) => ({ ...one, data: Buffer.from(one.data, 'base64') }));
    // What it took to read the requests is not to be cleared away in the time that is measured. A full collection would throw away compiled code, too.
    gc?.({ type: 'minor' });
    const [cpu, at] = [process.cpuUsage(), performance.now()];
    await authorize(requests);
    const { user, system } = process.cpuUsage(cpu);
    return {
      cpuMicros: (user + system) / requests.length,
      perSecond: (requests.length * 1_000) / (performance.now() - at),
    };
  },
} satisfies ContestantCommands);
