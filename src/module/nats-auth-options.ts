import type { NatsOptions } from '@nestjs/microservices';

import type { RejectionOptions, RotationOptions, Sentinel } from '../../libs/connection/index.js';
import type { RefreshOptions } from '../../libs/credentials/index.js';
import type { MetricsOptions } from '../../libs/metrics/index.js';
import type { TracingOptions } from '../tracing/tracing-options.js';
import type { ClientOptions } from '../transport/client/client-options.js';
import type { HandlersOptions } from '../transport/server/handlers-options.js';

/**
 * Options of one registration. All durations are in ms.
 * @public
 */
export interface NatsAuthOptions {
  /**
   * The stock NATS transport's options, without credentials: those come from the provider. Defaults differ from
   * nats.js where a service would end: `maxReconnectAttempts` is -1, and rejections follow `rejection`.
   */
  connection?: {
    // `Omit` would leave no property by name: NestJS's type has an index signature.
    [
      K in keyof NonNullable<NatsOptions['options']> as Exclude<
        K,
        'user' | 'pass' | 'token' | 'authenticator'
      >
    ]: NonNullable<NatsOptions['options']>[K];
  };
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
  /** What happens when the server refuses the subscriptions of handlers. */
  handlers?: HandlersOptions;
  /**
   * Metrics for Prometheus; needs `prom-client`. `false` turns them off. Default: on, in the default registry of
   * `prom-client`, if that package is installed.
   */
  metrics?: MetricsOptions | false;
  /**
   * Spans of OpenTelemetry; needs `@opentelemetry/api`, and an SDK that the application registers. `true` stands for all of them.
   * Default: `false`, whatever is installed: `prom-client` brings that package along, and traces add headers to messages.
   */
  tracing?: TracingOptions | boolean;
}
