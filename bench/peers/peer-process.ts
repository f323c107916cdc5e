import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { UserInfo } from 'nestjs-nats-auth';

import type { Command, FromPeer, PeerOptions, ToPeer } from './protocol.js';

/** A peer in a process of its own. */
export class PeerProcess {
  readonly #waiting: ((result: unknown) => void)[] = [];

  private constructor(private readonly child: ChildProcess) {}

  /** @param mint gives the credentials that the peer asks for. */
  static async start(options: PeerOptions, mint: () => Promise<UserInfo>): Promise<PeerProcess> {
    const child = fork(fileURLToPath(new URL('peer.js', import.meta.url)), [JSON.stringify(options)]);
    const peer = new PeerProcess(child);
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`The ${options.role} ended at its start.`)));
      child.on('message', (message: FromPeer) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'done') peer.#waiting.shift()?.(message.result);
        else void mint().then((userInfo) => peer.#send({ type: 'credentials', userInfo }));
      });
    });
    await ready;
    return peer;
  }

  /** Carries out a command; commands are answered in their order. */
  ask(command: Command): Promise<unknown> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#send({ type: 'command', command });
    });
  }

  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  #send(message: ToPeer): void {
    this.child.send(message);
  }
}
