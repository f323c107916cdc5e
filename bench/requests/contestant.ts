import { Child } from '../child/child.js';
import { median } from '../stats.js';
import type { MeasuredServer } from '../server-process.js';
import type { Load } from './load.js';
import type { Peer } from './nest-lane.js';
import type { PeerCommands } from './peer.js';
import type { PeerOptions, SystemName } from './systems/system.js';

/** One measurement; CPU times are in µs for each request. */
export interface Figures {
  readonly requestsPerSecond: number;
  readonly clientCpu: number;
  readonly responderCpu: number;
  /** `undefined` where it cannot be read. */
  readonly natsServerCpu: number | undefined;
}

/** A system with its two processes. */
export class Contestant {
  private constructor(
    readonly system: SystemName,
    private readonly caller: Child<PeerCommands>,
    private readonly responder: Child<PeerCommands>,
    private readonly nats: MeasuredServer,
  ) {}

  /** @param profiles a folder: each process leaves a CPU profile there. */
  static async start(
    system: SystemName,
    nats: MeasuredServer,
    { module, driver }: Peer,
    profiles?: string,
  ): Promise<Contestant> {
    const start = (role: PeerOptions['role']) => {
      const options: PeerOptions = { system, role, servers: nats.server.url, driver };
      const profile = [
        '--cpu-prof',
        `--cpu-prof-dir=${profiles}`,
        `--cpu-prof-name=${system}-${role}.cpuprofile`,
      ];
      return Child.start<PeerCommands>(module, options, { execArgv: profiles === undefined ? [] : profile });
    };
    const responder = await start('responder');
    return new Contestant(system, await start('caller'), responder, nats);
  }

  async measure(load: Load): Promise<Figures> {
    const before = await this.#others();
    const { requests, seconds, cpuMicros } = await this.caller.ask('load', load);
    const after = await this.#others();
    const natsServer =
      before.nats === undefined || after.nats === undefined ? undefined : after.nats - before.nats;
    return {
      requestsPerSecond: requests / seconds,
      clientCpu: cpuMicros / requests,
      responderCpu: (after.responder - before.responder) / requests,
      natsServerCpu: natsServer === undefined ? undefined : natsServer / requests,
    };
  }

  async end(): Promise<void> {
    await Promise.all([this.caller.end(), this.responder.end()]);
  }

  async #others() {
    return { responder: await this.responder.ask('cpuMicros', null), nats: await this.nats.cpuMicros() };
  }
}

const FIGURES = ['requestsPerSecond', 'clientCpu', 'responderCpu', 'natsServerCpu'] as const;

/** The median of each figure by itself. */
export function medianOf(rounds: readonly Figures[]): Figures {
  return each((figure) => median(rounds.map((round) => round[figure] ?? NaN)));
}

/** How many times the figure of `base`: the median of the rounds, each compared with the same round of the other. */
export function timesOf(base: readonly Figures[], rounds: readonly Figures[]): Figures {
  return each((figure) =>
    median(rounds.map((round, n) => (round[figure] ?? NaN) / (base[n]?.[figure] ?? NaN))),
  );
}

function each(of: (figure: (typeof FIGURES)[number]) => number): Figures {
  const [requestsPerSecond, clientCpu, responderCpu, nats] = FIGURES.map(of) as [
    number,
    number,
    number,
    number,
  ];
  return { requestsPerSecond, clientCpu, responderCpu, natsServerCpu: Number.isNaN(nats) ? undefined : nats };
}
