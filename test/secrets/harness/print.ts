import { inspect, type InspectOptions } from 'node:util';

const EVERYTHING: InspectOptions = {
  depth: Infinity,
  showHidden: true,
  maxArrayLength: Infinity,
  maxStringLength: Infinity,
};

/** A value in every way in which it could end in a log, at any depth. */
export function print(value: unknown): string {
  if (typeof value === 'string') return value;
  return [
    inspect(value),
    inspect(value, { ...EVERYTHING, getters: true }),
    inspect(value, { ...EVERYTHING, customInspect: false }),
    json(value),
    text(value),
    ...wordsOf(value),
  ].join('\n');
}

function json(value: unknown): string {
  try {
    const written: unknown = JSON.stringify(value);
    return typeof written === 'string' ? written : '';
  } catch {
    // Circular.
    return '';
  }
}

function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '';
  }
}

/** Of an error: its text and fields, and those of all that it was caused by. */
function wordsOf(value: unknown, seen = new Set<unknown>()): string[] {
  if (!(value instanceof Error) || seen.has(value)) return [];
  seen.add(value);
  const others = [value.cause, ...(value instanceof AggregateError ? (value.errors as unknown[]) : [])];
  return [
    value.message,
    value.stack ?? '',
    json(Object.fromEntries(Object.entries(value))),
    ...others.flatMap((other) => wordsOf(other, seen)),
  ];
}
