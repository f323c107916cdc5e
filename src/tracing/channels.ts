import { AsyncResource } from 'node:async_hooks';
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

import type { Facts } from '../../libs/base/index.js';
import type { TracedOperation } from './traced-operation.js';

/** What stands in `node:diagnostics_channel` messages beside what is known when the operation begins. */
export interface ChannelMessage {
  /** Tells this operation from all others of the process. */
  readonly id: number;
  /** The `id` of the operation that this one is a part of. */
  readonly within?: number;
  /** The `id` of each operation that this one goes back to. */
  readonly follows: number[];
  /** What happened during it, the latest of it. */
  readonly notes: ({ readonly what: string; readonly at: number; readonly error?: unknown } & Facts)[];
  /** Why it failed. */
  error?: unknown;
}

/** Where each operation is told of. */
const CHANNELS: Readonly<Record<TracedOperation['operation'], TracingChannel<object, object>>> = {
  send: tracingChannel('nestjs-nats-auth:send'),
  handle: tracingChannel('nestjs-nats-auth:handle'),
  refresh: tracingChannel('nestjs-nats-auth:refresh'),
  connect: tracingChannel('nestjs-nats-auth:connect'),
  rotation: tracingChannel('nestjs-nats-auth:rotation'),
};

/** A server that stays away for a day fails many dials. */
const MOST_NOTES = 100;

let lastId = 0;

/** Whether anybody listens to the channel of such operations. */
export function isHeard(operation: TracedOperation['operation']): boolean {
  return CHANNELS[operation].hasSubscribers;
}

/**
 * An operation on its channel: `start` and `end` when it begins, `error` if it fails, `asyncStart` and `asyncEnd` when it is over. All
 * have the same message, to which the later ones add.
 */
export class ToldOperation {
  readonly message: ChannelMessage & TracedOperation;
  readonly #channel: TracingChannel<object, object>;
  /** The async context in which subscribers have entered their stores. */
  readonly #scope: AsyncResource;

  constructor(operation: TracedOperation, more: object = {}, within?: ToldOperation) {
    this.#channel = CHANNELS[operation.operation];
    const told = { id: ++lastId, within: within?.message.id, follows: [], notes: [] };
    const message = (this.message = { ...operation, ...more, ...told });
    this.#scope = this.#channel.start.runStores(message, () => new AsyncResource('nestjs-nats-auth'));
    this.#channel.end.publish(message);
  }

  run<T>(work: () => T): T {
    return this.#scope.runInAsyncScope(work);
  }

  note(what: string, facts: Facts = {}, error?: unknown): void {
    const { notes } = this.message;
    notes.push({ what, at: Date.now(), ...facts, ...(error !== undefined && { error }) } as never);
    if (notes.length > MOST_NOTES) notes.shift();
  }

  follows(other: ToldOperation): void {
    this.message.follows.push(other.message.id);
  }

  failed(error: unknown): void {
    this.message.error = error;
    this.#channel.error.publish(this.message);
  }

  end(facts: object = {}): void {
    Object.assign(this.message, facts);
    this.#channel.asyncStart.publish(this.message);
    this.#channel.asyncEnd.publish(this.message);
  }
}
