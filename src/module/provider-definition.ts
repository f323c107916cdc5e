import type { FactoryProvider, InjectionToken, Provider, Type } from '@nestjs/common';

/**
 * How an application gives an object that does something for this package: a class, any of Nest's provider forms, or the object.
 * @public
 */
export type ProviderDefinition<T> =
  | Type<T>
  | { useClass: Type<T> }
  | { useExisting: InjectionToken<T> }
  | Pick<FactoryProvider<T>, 'useFactory' | 'inject'>
  | { useValue: T }
  | T;

const FORMS = ['useClass', 'useExisting', 'useFactory', 'useValue'];

/**
 * The Nest provider that puts what the application gives behind `token`.
 * @param check throws when an object is not what it should be.
 */
export function toNestProvider<T>(
  token: InjectionToken,
  definition: ProviderDefinition<T>,
  check: (value: unknown) => T,
): Provider {
  if (typeof definition === 'function') return { provide: token, useClass: definition as Type<T> };
  if (isObject(definition) && FORMS.some((form) => form in definition))
    return { provide: token, ...definition } as Provider;
  return { provide: token, useValue: check(definition) };
}

/** Whether a value is an object with that method. */
export function hasMethod<M extends string>(value: unknown, method: M): value is Record<M, unknown> {
  return isObject(value) && typeof (value as Record<string, unknown>)[method] === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
