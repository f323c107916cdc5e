import { Child } from '../child/child.js';
import type { MeasuredServer } from '../server-process.js';
import type { Peer } from './nest-lane.js';
import type { PeerCommands } from './peer.js';
import type { PeerOptions, SystemName } from './systems/system.js';

/** Where the systems are compared: all on one nats-server. */
export interface Stage {
  readonly nats: MeasuredServer;
  readonly peer: Peer;
}

/** CPU times in µs of what one thing costs. */
export interface CpuFigures {
  readonly clientCpu: number;
  readonly responderCpu: number;
  /** `undefined` where it cannot be read. */
  readonly natsServerCpu: number | undefined;
}

/** A system with its two processes. */
export class Contestant {
  private constructor(
    readonly system: SystemName,
    readonly caller: Child<PeerCommands>,
    readonly responder: Child<PeerCommands>,
    private readonly nats: MeasuredServer,
  ) {}

  /** @param execArgv options of Node.js for the process of a role. */
  static async start(
    system: SystemName,
    stage: Stage,
    execArgv: (role: PeerOptions['role']) => string[],
  ): Promise<Contestant> {
    const start = (role: PeerOptions['role']) => startPeer(stage, { system, role }, execArgv(role));
    const [caller, responder] = await Promise.all([start('caller'), start('responder')]);
    return new Contestant(system, caller, responder, stage.nats);
  }

  /** What `act` costs for each of the things that it says to have done. */
  async cpuOf<T extends { readonly done: number }>(act: () => Promise<T>): Promise<T & CpuFigures> {
    const before = await this.#cpu();
    const result = await act();
    const after = await this.#cpu();
    const each = (from: number, to: number) => (to - from) / result.done;
    return {
      ...result,
      clientCpu: each(before.caller, after.caller),
      responderCpu: each(before.responder, after.responder),
      natsServerCpu:
        before.nats === undefined || after.nats === undefined ? undefined : each(before.nats, after.nats),
    };
  }

  async end(): Promise<void> {
    await Promise.all([this.caller.end(), this.responder.end()]);
  }

  async #cpu() {
    return {
      caller: await this.caller.ask('cpuMicros', null),
      responder: await this.responder.ask('cpuMicros', null),
      nats: await this.nats.cpuMicros(),
    };
  }
}

export function startPeer(
  { nats, peer: { module, driver } }: Stage,
  { system, role, moreHandlers = 0 }: Pick<PeerOptions, 'system' | 'role'> & Partial<PeerOptions>,
  execArgv: string[],
): Promise<Child<PeerCommands>> {
  const options: PeerOptions = { system, role, servers: nats.server.url, driver, moreHandlers };
  return Child.start<PeerCommands>(module, options, { execArgv });
}
