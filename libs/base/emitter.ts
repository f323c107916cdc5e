import { isolated } from './isolated.js';
import { inOwnContext } from './own-context.js';
import { describeError } from './describe-error.js';

/** A listener of one event. */
export type Listener<T> = (event: T) => void;

/**
 * A typed emitter whose listeners are isolated: one that throws or rejects is reported and disturbs neither the others nor
 * the connection whose event it heard. They run in no caller's async context.
 * @public
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<PropertyKey, Set<Listener<never>>>();

  /** @param onListenerError hears what a listener threw; default: a process warning. */
  constructor(private readonly onListenerError: (error: unknown, event: string) => void = warn) {}

  /** Subscribes; the returned function unsubscribes. */
  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit<K extends keyof Events>(event: K, payload: Events[K]): void {
    const listeners = this.#listeners.get(event);
    if (!listeners) return;
    for (const listener of [...listeners]) {
      isolated(
        () => inOwnContext(() => (listener as Listener<Events[K]>)(payload)),
        (error) => this.onListenerError(error, String(event)),
      );
    }
  }
}

function warn(error: unknown, event: string): void {
  process.emitWarning(`A listener of '${event}' threw: ${describeError(error)}`);
}
