/**
 * How well a registration is. `degraded`: it works, and something is wrong that somebody should know of.
 * @public
 */
export type HealthState = 'up' | 'degraded' | 'down';

/**
 * What can be wrong with a registration.
 *
 * - `disconnected`: a connection, or the first connect, has been down for longer than the grace time.
 * - `reconnecting`: a connection is down, for less than that.
 * - `connectFailed`: the first connect of the client, or of the injected connection, has failed. Nothing is dialled before the next call.
 * - `subscriptionsRefused`: the server has refused subscriptions of handlers or of the injected connection, which hear nothing.
 * - `credentialsExpired`: the user info in use has expired, and the server has not ended the connection.
 * - `credentialsExpiring`: it is in the last tenth of its lifetime, and replacing it has failed.
 * - `providerFailing`: the last provider call has failed.
 * - `staleUserInfo`: user info was presented again because the provider failed, and has not been refreshed since.
 * - `rotationFailing`: the last rotation has failed, and the old connection serves.
 * - `lameDuck`: the server is about to close the connection, which has not moved to another one yet.
 * @public
 */
export type HealthCondition =
  | 'disconnected'
  | 'reconnecting'
  | 'connectFailed'
  | 'subscriptionsRefused'
  | 'credentialsExpired'
  | 'credentialsExpiring'
  | 'providerFailing'
  | 'staleUserInfo'
  | 'rotationFailing'
  | 'lameDuck';

/** What each of them makes of the health by default. Down is only what this instance cannot do its work with. */
export const DEFAULT_STATES: Readonly<Record<HealthCondition, HealthState>> = {
  disconnected: 'down',
  reconnecting: 'degraded',
  // Not down: an instance that gets no traffic makes no call, and so would never connect.
  connectFailed: 'degraded',
  subscriptionsRefused: 'down',
  credentialsExpired: 'degraded',
  credentialsExpiring: 'degraded',
  providerFailing: 'degraded',
  staleUserInfo: 'degraded',
  rotationFailing: 'degraded',
  lameDuck: 'degraded',
};
