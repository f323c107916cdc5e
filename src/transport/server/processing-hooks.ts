import type { Transport } from '@nestjs/microservices';

import { isolated } from '../../../libs/base/index.js';
import type { Log } from './reply.js';

/** A hook around the handling of each message, as instrumentation sets it; it lets the handler begin with `done`. */
export type StartHook = (
  transportId: Transport | symbol,
  context: unknown,
  done: () => Promise<unknown>,
) => unknown;

export type EndHook = (transportId: Transport | symbol, context: unknown) => unknown;

/**
 * A start hook whose promise covers what the handler does: one that returns nothing would leave it to nobody when the handler
 * fails, and the work on the message would seem to be over when it has begun.
 */
export function coveringStartHook(hook: StartHook, log: Log): StartHook {
  return async (transportId, context, done) => {
    let handling: Promise<unknown> | undefined;
    let returned = false;
    const begin = () => {
      handling = done();
      handling.catch(
        (error: unknown) => returned && log(error, 'A handler that a hook let begin later failed'),
      );
      return handling;
    };
    try {
      await hook(transportId, context, begin);
    } finally {
      returned = true;
      await handling;
    }
  };
}

/** An end hook that harms no reply when it throws. */
export function harmlessEndHook(hook: EndHook, log: Log): EndHook {
  return (transportId, context) =>
    isolated(
      () => hook(transportId, context),
      (error) => log(error, 'A processing end hook failed'),
    );
}
