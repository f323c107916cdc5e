import { Scope } from '@nestjs/common';
import type { ModuleRef, ModulesContainer } from '@nestjs/core';

import { OptionsInvalidError } from '../../libs/base/index.js';
import type { UserInfoProvider } from '../../libs/credentials/index.js';
import { wayOfDependencies } from './provider-cycle.js';
import { getRegistrationToken, getUserInfoProviderToken, REGISTRATION } from './tokens.js';

/** Brings the provider, as soon as dependency injection has made it, to the registration that waits for it. */
export class ProviderHandover {
  readonly provider: Promise<UserInfoProvider>;
  #give: (provider: UserInfoProvider) => void = () => {};

  constructor() {
    this.provider = new Promise((resolve) => (this.#give = resolve));
  }

  give(provider: UserInfoProvider): void {
    this.#give(provider);
  }
}

/**
 * Called before the registration waits for its provider: one of another scope would never come, and one that needs the registration
 * would wait itself.
 * @throws {@link OptionsInvalidError}
 */
export function assertInjectable(name: string, modules: ModuleRef, container: ModulesContainer): void {
  const way = wayOfDependencies(container, getUserInfoProviderToken(name), getRegistrationToken(name));
  if (way) {
    const names = way.filter((token) => token !== REGISTRATION).join(' → ');
    throw new OptionsInvalidError(
      'userInfoProvider',
      `registration '${name}' has one that needs the registration itself (${names}): a connection cannot be what its own` +
        ' credentials come by. Take that out of the provider, or give it a registration of its own, whose provider needs none.',
    );
  }
  assertSingleton(modules, getUserInfoProviderToken(name), {
    option: 'userInfoProvider',
    name,
    reason: 'a connection belongs to no request',
  });
}

/**
 * NestJS makes no provider of another scope for somebody who belongs to no request.
 * @throws {@link OptionsInvalidError}
 */
export function assertSingleton(
  modules: ModuleRef,
  token: string,
  { option, name, reason }: { readonly option: string; readonly name: string; readonly reason: string },
): void {
  if (modules.introspect(token).scope === Scope.DEFAULT) return;
  throw new OptionsInvalidError(
    option,
    `registration '${name}' has one that is request-scoped or transient, or injects something that is;` +
      ` ${reason}: make it a singleton.`,
  );
}
