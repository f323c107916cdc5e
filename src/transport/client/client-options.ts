import { count, duration, knownKeys, oneOf } from '../../../libs/base/index.js';

/**
 * What a client does while there is no connection, and where its replies arrive.
 * @public
 */
export interface ClientOptions {
  /**
   * `wait` holds `send()` and `emit()` back until the connection is there again; the caller's own time-out goes on.
   * `fail` fails them at once with `DISCONNECTED`. Before the first connect, and for `releaseDelay` after an outage, calls wait
   * in both cases.
   * Default: `wait`.
   */
  whileDisconnected?: 'wait' | 'fail';
  /**
   * How many calls may wait; the next one fails with `DISCONNECTED`. A request whose caller has given up counts no more; an
   * event does, as it is going to be handed over all the same. It counts before the first connect, too. Default: 10,000.
   */
  maxWaiting?: number;
  /**
   * How long a request that was under way when the connection was lost may still be answered after the reconnect, in ms from
   * the loss; then it fails with `DISCONNECTED`. Each reply that arrives ends that wait. `false` leaves it to the caller's own
   * time-out. When the server ended the connection over a message (`Maximum Payload Violation`), requests fail at once.
   * Default: 3,000.
   */
  replyAfterLoss?: number | false;
  /**
   * For how long after an outage a request that nobody is there to answer is sent again, in ms from when calls go out again:
   * services that were cut off as well may come back later. Nothing has handled it, so it is handled once. 0 gives its caller
   * the error at once, as the stock client does. Default: 5,000.
   */
  awaitResponders?: number;
  /**
   * How long calls are held back after an outage although the connection is there, in ms, for handlers elsewhere to be back: an
   * event that nobody hears is lost without an error. The time is uniform between half of this and all of it. 0 lets them go
   * at once. Default: 250.
   */
  releaseDelay?: number;
  /**
   * `shared` subscribes one wildcard for each connection, `<inboxPrefix>.<random>.*`, and gives each request a subject below
   * it that nobody can guess. `perRequest` subscribes `<inboxPrefix>.<random>` for each request, as the stock client does: for
   * permissions that allow subjects of that form only. It costs more, and every server of a cluster hears of each request.
   * All else is the same. Default: `shared`.
   */
  inbox?: 'shared' | 'perRequest';
}

/** `ClientOptions` with the defaults filled in. */
export type ClientSettings = Required<ClientOptions>;

/** @throws {@link OptionsInvalidError} */
export function clientSettings(options: ClientOptions = {}): ClientSettings {
  knownKeys('client', options, [
    'whileDisconnected',
    'maxWaiting',
    'replyAfterLoss',
    'awaitResponders',
    'releaseDelay',
    'inbox',
  ]);
  const { whileDisconnected = 'wait', maxWaiting = 10_000, inbox = 'shared' } = options;
  const { replyAfterLoss = 3_000, awaitResponders = 5_000, releaseDelay = 250 } = options;
  return {
    whileDisconnected: oneOf('client.whileDisconnected', whileDisconnected, ['wait', 'fail']),
    maxWaiting: count('client.maxWaiting', maxWaiting),
    replyAfterLoss: replyAfterLoss === false ? false : duration('client.replyAfterLoss', replyAfterLoss, 0),
    awaitResponders: duration('client.awaitResponders', awaitResponders, 0),
    releaseDelay: duration('client.releaseDelay', releaseDelay, 0),
    inbox: oneOf('client.inbox', inbox, ['shared', 'perRequest']),
  };
}
