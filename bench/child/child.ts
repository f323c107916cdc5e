import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import type { Commands, Reply, Request } from './commands.js';

/** A Node.js process that answers commands. */
export class Child<C extends Commands> {
  readonly #waiting: ((reply: Reply) => void)[] = [];

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => this.#waiting.shift()?.(reply));
    child.once('exit', () => {
      for (const settle of this.#waiting.splice(0)) settle({ error: 'The process has ended.' });
    });
  }

  /** @param argument JSON that the module finds in `process.argv[2]`. */
  static async start<C extends Commands>(
    module: string,
    argument: object,
    { cwd, execArgv = [] }: { cwd?: string; execArgv?: string[] } = {},
  ): Promise<Child<C>> {
    // What a child prints is no result: stdout is for the tables.
    const stdio = ['ignore', 2, 2, 'ipc'] as const;
    const child = new Child<C>(
      fork(module, [JSON.stringify(argument)], { cwd, execArgv, stdio: [...stdio] }),
    );
    await child.#reply();
    return child;
  }

  async ask<K extends keyof C & string>(
    command: K,
    argument: Parameters<C[K]>[0],
  ): Promise<Awaited<ReturnType<C[K]>>> {
    const request: Request = { command, argument };
    const reply = this.#reply();
    this.child.send(request);
    return (await reply) as Awaited<ReturnType<C[K]>>;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  async #reply(): Promise<unknown> {
    const reply = await new Promise<Reply>((resolve) => this.#waiting.push(resolve));
    if ('error' in reply) throw new Error(reply.error);
    return 'result' in reply ? reply.result : undefined;
  }
}
