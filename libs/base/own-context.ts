import { AsyncResource } from 'node:async_hooks';

const NAME = 'nestjs-nats-auth';

/**
 * Runs work in an empty async context: no `AsyncLocalStorage` has a store there, whoever calls. What outlives a call (timers, sockets,
 * watchers) and what belongs to no call (listeners, the provider) runs in it, as a connection is shared by all requests.
 */
export function inOwnContext<T>(work: () => T): T {
  return empty.runInAsyncScope(inScopeOfItsOwn<T>, undefined, work);
}

/**
 * Binds a callback to the async context of this moment, as `AsyncResource.bind()` does. That defines properties on a function, and takes a
 * hundred times as long.
 */
export function inCallersContext<Args extends unknown[], T>(
  callback: (...args: Args) => T,
): (...args: Args) => T {
  const caller = new AsyncResource(NAME);
  return (...args) => caller.runInAsyncScope(callback, undefined, ...args);
}

/** Up to Node.js 22, `enterWith()` writes into the resource that runs: what work enters must not stay for the work after it. */
function inScopeOfItsOwn<T>(work: () => T): T {
  return new AsyncResource(NAME).runInAsyncScope(work);
}

const empty = emptied(new AsyncResource(NAME));

/**
 * A resource takes the stores of the context that it is made in, and this package may be loaded inside of a request. No API gives an empty one.
 * Beside its ids, all that is in a new resource are stores, under names that depend on the version of Node.js.
 */
function emptied(resource: AsyncResource): AsyncResource {
  for (const property of Object.getOwnPropertySymbols(resource)) {
    if (!/async_id/.test(property.description ?? '')) Reflect.deleteProperty(resource, property);
  }
  return resource;
}
