/** What a child process can be asked: a function of JSON for each command. */
export type Commands = Record<string, (argument: never) => unknown>;

/** From the parent. */
export interface Request {
  readonly command: string;
  readonly argument: unknown;
}

/** From the child: first that it is ready, then an answer to each request in its turn. */
export type Reply = { readonly ready: true } | { readonly result: unknown } | { readonly error: string };

/** Answers the parent's requests one after another; the process ends with its parent. */
export function answer(commands: Commands): void {
  let last = Promise.resolve();
  process.on('disconnect', () => process.exit());
  process.on('message', ({ command, argument }: Request) => {
    last = last.then(async () => tell(await run(commands[command], argument)));
  });
  tell({ ready: true });
}

async function run(command: Commands[string] | undefined, argument: unknown): Promise<Reply> {
  try {
    return { result: await command?.(argument as never) };
  } catch (error) {
    return { error: String(error) };
  }
}

function tell(reply: Reply): void {
  process.send?.(reply);
}
