import { asError } from './errors.js';

/** Where errors keep what lies underneath: nats.js 2.x has a name of its own for it. */
const CAUSES = ['cause', 'chainedError'] as const;

/** What lies directly underneath an error, such as each failure of an `AggregateError`; empty for none. */
export function causesOf(error: Error): readonly unknown[] {
  const causes = CAUSES.map((name) => read(error, name)).filter(
    (cause) => cause !== undefined && cause !== null,
  );
  const all = read(error, 'errors');
  return [...new Set([...causes, ...(Array.isArray(all) ? (all as unknown[]) : [])])];
}

/**
 * An error and what lies underneath it, at any depth: the outermost first, each once.
 * @param most how many at most: a chain may be endless.
 */
export function withCauses(error: Error, most = 10): readonly Error[] {
  const found = [error];
  // It grows while it is walked.
  for (const one of found) {
    for (const cause of causesOf(one).map(asError)) {
      if (found.length < most && !found.includes(cause)) found.push(cause);
    }
  }
  return found;
}

/** A property of an error that others made: it may be missing, of any type, or a getter that throws. */
export function read(error: object, property: string): unknown {
  try {
    return (error as Record<string, unknown>)[property];
  } catch {
    return undefined;
  }
}
