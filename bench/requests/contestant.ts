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

/** The median of each figure by itself. */
export function medianOf(rounds: readonly Figures[]): Figures {
  const of = (figure: keyof Figures) => median(rounds.map((round) => round[figure] ?? NaN));
  const natsServerCpu = of('natsServerCpu');
  return {
    requestsPerSecond: of('requestsPerSecond'),
    clientCpu: of('clientCpu'),
    responderCpu: of('responderCpu'),
    natsServerCpu: Number.isNaN(natsServerCpu) ? undefined : natsServerCpu,
  };
}
