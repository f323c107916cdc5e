import { lastValueFrom, materialize, type Observable, reduce, timeout, TimeoutError } from 'rxjs';

/** How long an observation waits for an answer, in ms, before it says so. */
const PATIENCE_MS = 2_000;

/**
 * What an observable told, as one line: its values as JSON, then `|` when it completed, or the error. An observable
 * that falls silent ends in a `TimeoutError`.
 */
export function outcome(of: Observable<unknown>, patienceMs = PATIENCE_MS): Promise<string> {
  const told = of.pipe(
    timeout(patienceMs),
    materialize(),
    reduce<{ kind: string; value?: unknown; error?: unknown }, string[]>((line, { kind, value, error }) => {
      if (kind === 'N') return [...line, text(value)];
      return [...line, kind === 'C' ? '|' : describeError(error)];
    }, []),
  );
  return lastValueFrom(told).then((line) => line.join(' '));
}

/**
 * As `outcome()`, of an observable that ends in `silence` when it has not by the time that `over` resolves. No clock decides what
 * is silent, as a busy machine answers late.
 */
export function outcomeUntil(of: Observable<unknown>, over: Promise<unknown>): Promise<string> {
  const told: string[] = [];
  return new Promise((resolve, reject) => {
    const end = (last: string) => resolve([...told, last].join(' '));
    const subscription = of.subscribe({
      next: (value) => told.push(text(value)),
      complete: () => end('|'),
      error: (error: unknown) => end(describeError(error)),
    });
    over.then(() => end('silence'), reject).finally(() => subscription.unsubscribe());
  });
}

/** The last value, for the parts of a scenario that are not what it observes. */
export function answer<T>(of: Observable<T>): Promise<T> {
  return lastValueFrom(of.pipe(timeout(PATIENCE_MS)));
}

/** How a promise ended. */
export function settled(promise: Promise<unknown>): Promise<string> {
  return promise.then(text, describeError);
}

/** An error as far as a caller can tell errors apart. */
export function describeError(error: unknown): string {
  if (error instanceof TimeoutError) return 'TimeoutError';
  if (error instanceof Error) return `${error.constructor.name}: ${error.message}`;
  return `error ${text(error)}`;
}

function text(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value);
}
