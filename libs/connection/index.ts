export { AuthConnection, type AuthConnectionSettings, type ConnectionState } from './auth-connection.js';
export type { Sentinel } from './connect-fields.js';
export type { Driver, DriverName } from './drivers/driver.js';
export { loadDriver } from './drivers/load-driver.js';
export { ConnectRefusedError, DriverMissingError, DriverUnsupportedError, RejectedError } from './errors.js';
export type {
  ConnectionEvents,
  ConnectKind,
  NatsAuthEvents,
  ReplaceTrigger,
  RotationMode,
  RotationTrigger,
} from './events.js';
export {
  checkConnectionOptions,
  type ConnectionOptions,
  type RejectionOptions,
  type RejectionSettings,
  rejectionSettings,
} from './options.js';
export type { RejectionKind } from './rejection.js';
