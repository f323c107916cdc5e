import type { DynamicModule, FactoryProvider } from '@nestjs/common';

import { loadOptionalPeer } from '../load-optional-peer.js';
import type { NatsAuthOptions } from '../module/nats-auth-options.js';
import { VARIABLES } from './variables.js';

/** What `registerAs()` of `@nestjs/config` makes; named here so that our types do not need that package. */
export interface NatsAuthConfig {
  (): NatsAuthOptions;
  /** Token of the configuration, for `@Inject(natsAuthConfig.KEY)`. */
  readonly KEY: string | symbol;
  /** For `NatsAuthModule.forRootAsync({ ...natsAuthConfig.asProvider(), userInfoProvider })`. */
  asProvider(): {
    imports: [Promise<DynamicModule>] | [DynamicModule];
    /** Gives the options as they were read. */
    useFactory: (options: NatsAuthOptions) => NatsAuthOptions;
    inject: FactoryProvider['inject'];
  };
}

interface ConfigPackage {
  registerAs(namespace: string, factory: () => NatsAuthOptions): NatsAuthConfig;
}

/**
 * The options from `NATS_*` environment variables, as a namespace of `@nestjs/config` (an optional peer, loaded when
 * this is used).
 * @throws {@link OptionsInvalidError} naming the variable, when the configuration is loaded.
 * @public
 */
export const natsAuthConfig: NatsAuthConfig = lazy(() =>
  (loadOptionalPeer('@nestjs/config', 'natsAuthConfig') as ConfigPackage).registerAs('natsAuth', () =>
    optionsFromEnvironment(process.env),
  ),
);

/** Reads the options out of environment variables; a variable that is not set or empty leaves the default. */
export function optionsFromEnvironment(environment: NodeJS.ProcessEnv): NatsAuthOptions {
  const options = {};
  for (const { name, option, read } of VARIABLES) {
    const value = environment[name];
    if (value !== undefined && value !== '') set(options, option.split('.'), read(value, name));
  }
  return options;
}

function set(target: Record<string, unknown>, [key = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) target[key] = value;
  else set((target[key] ??= {}) as Record<string, unknown>, rest, value);
}

/** Stands for a function with properties that is made when it is first touched. */
function lazy(make: () => NatsAuthConfig): NatsAuthConfig {
  let made: NatsAuthConfig | undefined;
  const target = () => (made ??= make())();
  return new Proxy(target as NatsAuthConfig, {
    get: (_, property) => Reflect.get((made ??= make()), property) as unknown,
    has: (_, property) => Reflect.has((made ??= make()), property),
  });
}
