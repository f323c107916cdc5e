export {
  type AheadOptions,
  type CredentialEvents,
  type Cause,
  type RefreshEvent,
  type RefreshFailureCause,
  type RefreshOptions,
  type RefreshReason,
  type RetryOptions,
  type ReuseKind,
  type Role,
  type UserInfo,
  UserInfoInvalidError,
  type UserInfoKind,
  type UserInfoProvider,
  type UserInfoRequest,
  type UserInfoSummary,
  UserInfoNotNewerError,
  UserInfoTimeoutError,
  UserInfoUnavailableError,
} from '../libs/credentials/index.js';
export {
  type BackoffOptions,
  ClosedError,
  NatsAuthError,
  type NatsAuthErrorCode,
  OptionsInvalidError,
  PackageMissingError,
} from '../libs/base/index.js';
export {
  type ConnectionEvent,
  type ConnectionEvents,
  type ConnectionState,
  type ConnectKind,
  ConnectRefusedError,
  DisconnectedError,
  DriverMismatchError,
  DriverMissingError,
  DriverUnsupportedError,
  type FollowedConnection,
  type NatsAuthEvents,
  type NatsConnectOptions,
  type NatsTlsOptions,
  type PresentedFields,
  PublishRefusedError,
  RejectedError,
  type RejectionKind,
  type RejectionOptions,
  type ReplaceTrigger,
  RotationFailedError,
  type RotatedMode,
  type RotationMode,
  type RotationOptions,
  type RotationOutcome,
  type RotationTrigger,
  type Sentinel,
  type ServerEvent,
  ServerUnreachableError,
  SigningFailedError,
  SubjectInvalidError,
  SubscriptionRefusedError,
  SuspectedRejectionError,
  TlsUnavailableError,
  type UnreachableReason,
} from '../libs/connection/index.js';
export type { MetricsOptions, MetricsRegistry } from '../libs/metrics/index.js';
export { type NatsAuthConfig, natsAuthConfig } from './config/nats-auth-config.js';
export type { ConnectionOptionsRequest, FollowOptions } from './external/external-connections.js';
export type { HealthCondition, HealthState } from './health/conditions.js';
export type { NatsAuthHealthOptions } from './health/health-options.js';
export type { HealthProblem, NatsAuthHealthReport } from './health/health-report.js';
export {
  type NatsAuthHealth,
  type NatsAuthHealthCheckOptions,
  NatsAuthHealthIndicator,
} from './health/nats-auth-health-indicator.js';
export type { NatsAuthOptions } from './module/nats-auth-options.js';
export type { NatsConnection, NatsHeaders, NatsMessage, NatsSubscription } from './module/nats-connection.js';
export {
  NatsAuthModule,
  type NatsAuthModuleAsyncOptions,
  type NatsAuthModuleOptions,
  type NatsAuthOptionsFactory,
  type NatsAuthRegistrationOptions,
} from './module/nats-auth.module.js';
export {
  getNatsAuthClientToken,
  getNatsAuthConnectionToken,
  getNatsAuthHealthIndicatorToken,
  getNatsAuthServerToken,
  getNatsAuthServiceToken,
  getUserInfoProviderToken,
  InjectNatsAuthClient,
  InjectNatsAuthConnection,
  InjectNatsAuthHealthIndicator,
  InjectNatsAuthServer,
  InjectNatsAuthService,
} from './module/tokens.js';
export type { ProviderDefinition } from './module/provider-definition.js';
export type { UserInfoProviderDefinition } from './module/user-info-provider-definition.js';
export type { LastError } from './status/last-errors.js';
export {
  type ConnectionStatus,
  NatsAuthService,
  type NatsAuthStatus,
  type RotationResult,
} from './status/nats-auth-service.js';
export type { ClientOptions } from './transport/client/client-options.js';
export { NatsAuthClient } from './transport/client/nats-auth-client.js';
export type { HandlersOptions } from './transport/server/handlers-options.js';
export { NatsAuthServer } from './transport/server/nats-auth-server.js';
export type {
  MessageHeaders,
  SpanAttributes,
  TracedConnect,
  TracedHandle,
  TracedOperation,
  TracedRefresh,
  TracedRotation,
  TracedSend,
} from './tracing/traced-operation.js';
export type { TracingOptions } from './tracing/tracing-options.js';
export { natsAuthTransport, type NatsAuthTransport } from './transport/nats-auth-transport.js';
