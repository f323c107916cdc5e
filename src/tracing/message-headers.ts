import type { Getter, Setter } from './open-telemetry.js';
import type { MessageHeaders } from './traced-operation.js';

/** Reads what a propagator looks for. Peers written in Go begin the names with a capital letter. */
export const headersGetter: Getter<MessageHeaders> = {
  keys: (headers) => [...headers.keys()],
  get: (headers, key) => {
    const name = nameIn(headers, key);
    if (name === undefined) return undefined;
    const values = [...headers.values(name)];
    return values.length > 1 ? values : values[0];
  },
};

/** Leaves what is there as it is: it is the application's. */
export const headersSetter: Setter<MessageHeaders> = {
  set: (headers, key, value) => {
    if (nameIn(headers, key) === undefined) headers.set(key, value);
  },
};

/** Whether these are headers of nats.js, of whichever copy of it. */
export function isHeaders(headers: unknown): headers is MessageHeaders {
  const { keys, values, has, set } = (headers ?? {}) as Partial<MessageHeaders>;
  return [keys, values, has, set].every((method) => typeof method === 'function');
}

/** Adds to `headers` what `more` has and they have not. */
export function addMissing(headers: MessageHeaders, more: MessageHeaders): MessageHeaders {
  for (const name of more.keys()) {
    if (nameIn(headers, name) !== undefined) continue;
    for (const value of more.values(name)) headers.append(name, value);
  }
  return headers;
}

function nameIn(headers: MessageHeaders, key: string): string | undefined {
  if (headers.has(key)) return key;
  const lowerCase = key.toLowerCase();
  for (const name of headers.keys()) if (name.toLowerCase() === lowerCase) return name;
  return undefined;
}
