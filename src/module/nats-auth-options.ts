import type { NatsOptions } from '@nestjs/microservices';

import type { RejectionOptions, RotationOptions, Sentinel } from '../../libs/connection/index.js';
import type { RefreshOptions } from '../../libs/credentials/index.js';
import type { MetricsOptions } from '../../libs/metrics/index.js';
import type { ClientOptions } from '../transport/client/client-options.js';

/** The stock NATS transport's options: servers, queue, name, tls, headers, serializers and so on. */
export type NatsTransportOptions = NonNullable<NatsOptions['options']>;

/** As `Omit`, which of a type with an index signature, such as NestJS's, leaves no property by name. */
type Without<T, Names> = { [K in keyof T as Exclude<K, Names>]: T[K] };

/**
 * Options of one registration. All durations are in ms.
 * @public
 */
export interface NatsAuthOptions {
  /**
   * The stock NATS transport's options, without credentials: those come from the provider. Defaults differ from
   * nats.js where a service would end: `maxReconnectAttempts` is -1, and rejections follow `rejection`.
   */
  connection?: Without<NatsTransportOptions, 'user' | 'pass' | 'token' | 'authenticator'>;
  /** A JWT that never changes and lets a client through to an auth-callout service. */
  sentinel?: Sentinel;
  /** When and how the provider is called. */
  refresh?: RefreshOptions;
  /** What happens when the server rejects user info. */
  rejection?: RejectionOptions;
  /** How live connections move to newer user info. */
  rotation?: RotationOptions;
  /** What the client does while there is no connection. */
  client?: ClientOptions;
  /**
   * Metrics for Prometheus; needs `prom-client`. `false` turns them off. Default: on, in the default registry of
   * `prom-client`, if that package is installed.
   */
  metrics?: MetricsOptions | false;
}
