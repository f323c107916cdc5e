import { fileURLToPath } from 'node:url';

import { Child } from '../child/child.js';
import { median } from '../stats.js';
import type { ContestantArgument, ContestantCommands, CpuFigures } from './contestant-process.js';
import { FakeServer } from './fake-server.js';

/** Who authorizes: this package, `@nats-io/jwt`, or nobody: two signatures and one verification by `node:crypto`. */
export type Contestant = 'ours' | 'natsJwt' | 'floor';

const CONTESTANTS: readonly Contestant[] = ['ours', 'natsJwt', 'floor'];
/** Until the engine has compiled what is hot. */
const WARM_UP = 8_000;
/** The slow one is as exact with fewer. */
const FEWER: Readonly<Record<Contestant, number>> = { ours: 1, natsJwt: 80, floor: 1 };

/**
 * Measures each in a process of its own, so that the CPU time is its alone, one after another in each round, so that all meet the same machine.
 * @param times authorizations in a round.
 * @returns the medians.
 */
export async function measureContestants(
  times: number,
  rounds: number,
): Promise<Readonly<Record<Contestant, CpuFigures>>> {
  const running = await Promise.all(CONTESTANTS.map((contestant) => Running.start(contestant)));
  try {
    for (const one of running) await one.authorize(WARM_UP);
    for (let round = 0; round < rounds; round++) {
      for (const one of running) one.figures.push(await one.authorize(times));
    }
    const [ours, natsJwt, floor] = running.map(({ figures }) => medians(figures)) as [
      CpuFigures,
      CpuFigures,
      CpuFigures,
    ];
    return { ours, natsJwt, floor };
  } finally {
    await Promise.all(running.map((one) => one.end()));
  }
}

/** A contestant, and the server that asks it. */
class Running {
  readonly figures: CpuFigures[] = [];

  private constructor(
    private readonly contestant: Contestant,
    private readonly server: FakeServer,
    private readonly child: Child<ContestantCommands>,
  ) {}

  static async start(contestant: Contestant): Promise<Running> {
    const server = await FakeServer.start();
    const script = fileURLToPath(new URL('contestant-process.js', import.meta.url));
    const argument: ContestantArgument = { contestant, keys: server.keys };
    return new Running(
      contestant,
      server,
      await Child.start<ContestantCommands>(script, argument, { execArgv: ['--expose-gc'] }),
    );
  }

  authorize(times: number): Promise<CpuFigures> {
    return this.child.ask('authorize', this.server.requests(Math.ceil(times / FEWER[this.contestant])));
  }

  end(): Promise<void> {
    return this.child.end();
  }
}

function medians(figures: readonly CpuFigures[]): CpuFigures {
  return {
    cpuMicros: median(figures.map(({ cpuMicros }) => cpuMicros)),
    perSecond: median(figures.map(({ perSecond }) => perSecond)),
  };
}
