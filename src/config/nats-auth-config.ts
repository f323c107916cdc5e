import type { DynamicModule, FactoryProvider } from '@nestjs/common';

import { OptionsInvalidError, PackageMissingError } from '../../libs/base/index.js';
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
  readonly ConfigModule: { forFeature(config: NatsAuthConfig): DynamicModule };
}

/**
 * The options from `NATS_*` environment variables, as a namespace of `@nestjs/config` (an optional peer, loaded when
 * `asProvider()` is called).
 * @throws {@link OptionsInvalidError} naming the variable, when the configuration is loaded.
 * @public
 */
export const natsAuthConfig: NatsAuthConfig = namespace('natsAuth', () =>
  optionsFromEnvironment(process.env),
);

/** Reads the options out of environment variables; a variable that is not set or empty leaves the default, but `NATS_SERVERS`. */
export function optionsFromEnvironment(environment: NodeJS.ProcessEnv): NatsAuthOptions {
  if (environment['NATS_SERVERS'] === '')
    // Not the default, as for others: a deployment that forgot its server would dial this machine.
    throw new OptionsInvalidError(
      'NATS_SERVERS',
      `is empty: name the servers, or unset it for a server of this machine.`,
    );
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

/**
 * As `registerAs()` of `@nestjs/config`, which would have to be there, at once, whenever this module is loaded: its properties are
 * what that package reads.
 */
function namespace(name: string, factory: () => NatsAuthOptions): NatsAuthConfig {
  const KEY = `CONFIGURATION(${name})`;
  const asProvider: NatsAuthConfig['asProvider'] = () => {
    const module = importConfig().then(({ ConfigModule }) => ConfigModule.forFeature(config));
    // Nest hears of a failure, but not at once: until then, nobody does.
    module.catch(() => {});
    return { imports: [module], useFactory: (options) => options, inject: [KEY] };
  };
  const config = Object.assign(factory, { KEY, PARTIAL_CONFIGURATION_KEY: name, asProvider });
  return config;
}

/** @throws {@link PackageMissingError} */
async function importConfig(): Promise<ConfigPackage> {
  try {
    return await import('@nestjs/config');
  } catch (cause) {
    throw new PackageMissingError('natsAuthConfig', '@nestjs/config', cause);
  }
}
