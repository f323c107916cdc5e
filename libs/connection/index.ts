export { AuthConnection, type AuthConnectionSettings } from './auth-connection.js';
export type { ConnectionState } from './link.js';
export type { Sentinel } from './dialling/connect-fields.js';
export type { Driver } from './drivers/driver.js';
export { type DriverModules, type DriverName, packageNamedIn } from './drivers/driver-list.js';
export { loadDriver } from './drivers/load-driver.js';
export {
  CONNECTION_OF,
  connectionClosed,
  ConnectRefusedError,
  DisconnectedError,
  DriverMismatchError,
  DriverMissingError,
  DriverUnsupportedError,
  NoRoomError,
  PublishRefusedError,
  RejectedError,
  RotationFailedError,
  SigningFailedError,
  SubscriptionRefusedError,
  SuspectedRejectionError,
  TlsUnavailableError,
} from './errors.js';
export type {
  ConnectionEvent,
  ConnectionEvents,
  ConnectKind,
  NatsAuthEvents,
  ReplaceTrigger,
  RotatedMode,
  RotationOutcome,
  RotationTrigger,
  ServerEvent,
} from './events.js';
export { connectionSettings } from './connection-settings.js';
export {
  checkSentinel,
  type ConnectionOptions,
  type RejectionOptions,
  type RejectionSettings,
  rejectionSettings,
} from './options.js';
export { Outage } from './dialling/outage.js';
export { ServerUnreachableError, type UnreachableReason, whyUnreachable } from './dialling/unreachable.js';
export {
  type DeniedOperation,
  REJECTION_KINDS,
  type RejectionKind,
  type ServerError,
} from './dialling/server-error.js';
export type { ServerIdentity } from './dialling/server-identity.js';
export { serverAddresses } from './servers/server-list.js';
export {
  createRotatingConnection,
  type RotatingConnection,
  type RotatingConnectionParts,
} from './rotation/rotating-connection.js';
export {
  type RotationMode,
  type RotationOptions,
  type RotationSettings,
  rotationSettings,
} from './rotation/rotation-options.js';
export type { Refusal } from './rotation/refusals.js';
export type { Session, SessionEvents } from './rotation/session.js';
export { assertPublishable, assertSubscribable, isTooLong, SubjectInvalidError } from './subjects.js';
export { ownSubscription } from './own-subscriptions.js';
export {
  createStableConnection,
  type StableConnection,
  type StableConnectionSettings,
} from './stable/stable-connection.js';
export {
  createConnectOptions,
  credentialsBehind,
  type NatsConnectOptions,
  type NatsTlsOptions,
  type PresentedFields,
} from './external/connect-options.js';
export type { DialCredentials } from './external/dial-credentials.js';
export { follow, type FollowedConnection } from './external/follow.js';
