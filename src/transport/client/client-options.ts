import { count, knownKeys, oneOf } from '../../../libs/credentials/index.js';
import type { InboxKind } from './inbox/index.js';

/**
 * What a client does while there is no connection, and where its replies arrive.
 * @public
 */
export interface ClientOptions {
  /**
   * `wait` holds `send()` and `emit()` back until the connection is there again; the caller's own time-out goes on.
   * `fail` fails them at once with `DISCONNECTED`. Before the first connect, calls wait for it in both cases.
   * Default: `wait`.
   */
  whileDisconnected?: 'wait' | 'fail';
  /**
   * How many calls may wait; the next one fails with `DISCONNECTED`. A request whose caller has given up counts no more; an
   * event does, as it is going to be handed over all the same. Default: 10,000.
   */
  maxWaiting?: number;
  /**
   * `shared` subscribes one wildcard for each connection, `<inboxPrefix>.<random>.*`, and gives each request a subject below
   * it that nobody can guess. `perRequest` subscribes `<inboxPrefix>.<random>` for each request, as the stock client does: for
   * permissions that allow subjects of that form only. It costs more, and every server of a cluster hears of each request.
   * All else is the same. Default: `shared`.
   */
  inbox?: InboxKind;
}

/** `ClientOptions` with the defaults filled in. */
export type ClientSettings = Required<ClientOptions>;

/** @throws {@link OptionsInvalidError} */
export function clientSettings(options: ClientOptions = {}): ClientSettings {
  knownKeys('client', options, ['whileDisconnected', 'maxWaiting', 'inbox']);
  const { whileDisconnected = 'wait', maxWaiting = 10_000, inbox = 'shared' } = options;
  return {
    whileDisconnected: oneOf('client.whileDisconnected', whileDisconnected, ['wait', 'fail']),
    maxWaiting: count('client.maxWaiting', maxWaiting),
    inbox: oneOf('client.inbox', inbox, ['shared', 'perRequest']),
  };
}
