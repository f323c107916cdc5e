import type { InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

import { providerTokenOf } from './tokens.js';

type Module = ModulesContainer extends Map<string, infer M> ? M : never;
type Wrapper = Module['providers'] extends Map<InjectionToken, infer W> ? W : never;

/**
 * The way by which `from` needs `to` in dependency injection, as names; `undefined` if it does not. All of it is known before anything is
 * made.
 */
export function wayOfDependencies(
  modules: ModulesContainer,
  from: InjectionToken,
  to: InjectionToken,
): string[] | undefined {
  const target = [...modules.values()].find(({ providers }) => providers.has(to));
  const seen = new Set<Wrapper>();
  const wayFrom = (module: Module, token: InjectionToken): string[] | undefined => {
    const found = lookUp(module, token);
    if (!found || seen.has(found.wrapper)) return undefined;
    seen.add(found.wrapper);
    for (const next of dependenciesOf(found.wrapper)) {
      const way = next === to ? [] : wayFrom(found.module, next);
      if (way) return [nameOf(token), ...way];
    }
    return undefined;
  };
  return target && wayFrom(target, from);
}

/** The provider that a module sees under a token: its own, or one that an import exports. */
function lookUp(module: Module, token: InjectionToken): { module: Module; wrapper: Wrapper } | undefined {
  const seen = new Set<Module>();
  const among = (imports: Iterable<Module>): { module: Module; wrapper: Wrapper } | undefined => {
    for (const imported of imports) {
      if (seen.has(imported)) continue;
      seen.add(imported);
      const wrapper = imported.exports.has(token) ? imported.providers.get(token) : undefined;
      if (wrapper) return { module: imported, wrapper };
      const reExported = [...imported.imports].filter(({ metatype }) => imported.exports.has(metatype));
      const found = among(reExported);
      if (found) return found;
    }
    return undefined;
  };
  const own = module.providers.get(token);
  return own ? { module, wrapper: own } : among(module.imports);
}

/** The tokens that a provider asks for: a factory's list, or what decorators and the compiler have noted of a class. */
function dependenciesOf({ token, metatype, inject }: Wrapper): InjectionToken[] {
  const awaited = providerTokenOf(token);
  if (awaited !== undefined) return [awaited];
  if (inject) return inject.map(tokenOf);
  if (typeof metatype !== 'function') return [];
  const parameters = [...metadata('design:paramtypes', metatype)];
  for (const { index, param } of metadata('self:paramtypes', metatype) as { index: number; param: unknown }[])
    parameters[index] = param;
  const properties = metadata('self:properties_metadata', metatype) as { type: unknown }[];
  return [...parameters, ...properties.map(({ type }) => type)].map(tokenOf);
}

/** By `reflect-metadata`, which comes with NestJS. */
function metadata(key: string, type: object): readonly unknown[] {
  const { getMetadata } = Reflect as unknown as { getMetadata: (key: string, type: object) => unknown };
  return (getMetadata(key, type) ?? []) as readonly unknown[];
}

/** Without `optional` and `forwardRef()` around it. */
function tokenOf(asked: unknown): InjectionToken {
  if (typeof asked !== 'object' || asked === null) return asked as InjectionToken;
  if ('forwardRef' in asked) return (asked.forwardRef as () => InjectionToken)();
  return 'token' in asked ? tokenOf(asked.token) : (asked as InjectionToken);
}

function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}
