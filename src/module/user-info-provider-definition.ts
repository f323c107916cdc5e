import type { FactoryProvider, InjectionToken, Provider, Type } from '@nestjs/common';

import { describeValue, OptionsInvalidError } from '../../libs/base/index.js';
import type { UserInfoProvider } from '../../libs/credentials/index.js';

/**
 * How a registration gets its `UserInfoProvider`: a class, any of Nest's provider forms, or an object that is one.
 * @public
 */
export type UserInfoProviderDefinition =
  | Type<UserInfoProvider>
  | { useClass: Type<UserInfoProvider> }
  | { useExisting: InjectionToken<UserInfoProvider> }
  | Pick<FactoryProvider<UserInfoProvider>, 'useFactory' | 'inject'>
  | { useValue: UserInfoProvider }
  | UserInfoProvider;

/** The Nest provider that puts the application's `UserInfoProvider` behind `token`. */
export function toNestProvider(
  token: InjectionToken,
  definition: UserInfoProviderDefinition,
  name: string,
): Provider {
  if (typeof definition === 'function') return { provide: token, useClass: definition };
  const forms = ['useClass', 'useExisting', 'useFactory', 'useValue'];
  if (isObject(definition) && forms.some((form) => form in definition)) {
    return { provide: token, ...definition } as Provider;
  }
  return { provide: token, useValue: assertUserInfoProvider(definition, name) };
}

/** @throws {@link OptionsInvalidError} when what dependency injection gave is no `UserInfoProvider`. */
export function assertUserInfoProvider(value: unknown, name: string): UserInfoProvider {
  if (isObject(value) && 'getUserInfo' in value && typeof value.getUserInfo === 'function') {
    return value as UserInfoProvider;
  }
  throw new OptionsInvalidError(
    'userInfoProvider',
    `registration '${name}' needs a class or an object with a getUserInfo() method, got ${describeValue(value)}.`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
