import type { ConfigurableModuleAsyncOptions, ModuleMetadata } from '@nestjs/common';

import type { CalloutOptions } from '../../../libs/callout/index.js';
import type { NatsAuthOptions } from '../../module/nats-auth-options.js';
import type { UserInfoProviderDefinition } from '../../module/user-info-provider-definition.js';
import type { AuthorizerDefinition } from './authorizer-definition.js';

/**
 * Options of one callout: how it works, and those of its own connection. All durations are in ms.
 * @public
 */
export type NatsAuthCalloutOptions = NatsAuthOptions & {
  /** How the callout works. */
  callout: CalloutOptions;
};

/**
 * What every callout has beside its options.
 * @public
 */
export interface NatsAuthCalloutRegistrationOptions {
  /**
   * Names the callout, and the registration that is its connection; needed when an application has several. By this name the application may inject a
   * `NatsAuthService`, a client and a nats.js connection with the callout's credentials; a microservice needs a registration of its own. Default: `callout`.
   */
  name?: string;
  /** Makes service and health indicator injectable in every module, and those of its connection. Default: false. */
  isGlobal?: boolean;
  /** The credentials of the callout itself, which is one of the server's `auth_users`: a class, one of Nest's provider forms, or an object. */
  userInfoProvider: UserInfoProviderDefinition;
  /** Who may come in: a class, one of Nest's provider forms, or an object. */
  authorizer: AuthorizerDefinition;
  /**
   * A user of the system account, which may end sessions: `NatsAuthCalloutService.kick()` and `revoke()` use it. Its connection is a registration of its own, with
   * `-system` after the name. Default: none.
   */
  system?: CalloutSystemOptions;
}

/**
 * A user of the system account.
 * @public
 */
export interface CalloutSystemOptions {
  /** The credentials of that user: a class, one of Nest's provider forms, or an object. */
  userInfoProvider: UserInfoProviderDefinition;
}

/**
 * What `NatsAuthCalloutModule.forRoot()` takes.
 * @public
 */
export type NatsAuthCalloutModuleOptions = NatsAuthCalloutOptions &
  NatsAuthCalloutRegistrationOptions & {
    /** Modules that export what the `authorizer` and the `userInfoProvider` inject. */
    imports?: ModuleMetadata['imports'];
  };

/** What `useClass` and `useExisting` of `NatsAuthCalloutModule.forRootAsync()` name. */
export interface NatsAuthCalloutOptionsFactory {
  /** Called once, when the application starts. */
  createNatsAuthCalloutOptions(): NatsAuthCalloutOptions | Promise<NatsAuthCalloutOptions>;
}

/**
 * What `NatsAuthCalloutModule.forRootAsync()` takes.
 * @public
 */
export type NatsAuthCalloutModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  NatsAuthCalloutOptions,
  'createNatsAuthCalloutOptions'
> &
  NatsAuthCalloutRegistrationOptions;
