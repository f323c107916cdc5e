import { count, knownKeys, OptionsInvalidError } from '../../../libs/credentials/index.js';

/**
 * What a client does while there is no connection.
 * @public
 */
export interface ClientOptions {
  /**
   * `wait` holds `send()` and `emit()` back until the connection is there again; the caller's own time-out goes on.
   * `fail` fails them at once with `DISCONNECTED`. Default: `wait`.
   */
  whileDisconnected?: 'wait' | 'fail';
  /** How many calls may wait; the next one fails with `DISCONNECTED`. Default: 10,000. */
  maxWaiting?: number;
}

/** `ClientOptions` with the defaults filled in. */
export type ClientSettings = Required<ClientOptions>;

/** @throws {@link OptionsInvalidError} */
export function clientSettings(options: ClientOptions = {}): ClientSettings {
  knownKeys('client', options, ['whileDisconnected', 'maxWaiting']);
  const { whileDisconnected = 'wait', maxWaiting = 10_000 } = options;
  if (!['wait', 'fail'].includes(whileDisconnected)) {
    throw new OptionsInvalidError(
      'client.whileDisconnected',
      `expected 'wait' or 'fail', got '${whileDisconnected}'.`,
    );
  }
  return { whileDisconnected, maxWaiting: count('client.maxWaiting', maxWaiting) };
}
