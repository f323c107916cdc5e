import { describeValue, OptionsInvalidError } from '../../../libs/base/index.js';
import type { Authorizer } from '../../../libs/callout/index.js';
import { hasMethod, type ProviderDefinition } from '../../module/provider-definition.js';

/**
 * How a callout gets its `Authorizer`: a class, any of Nest's provider forms, or an object that is one.
 * @public
 */
export type AuthorizerDefinition = ProviderDefinition<Authorizer>;

/** @throws {@link OptionsInvalidError} when what dependency injection gave is no `Authorizer`. */
export function assertAuthorizer(value: unknown, name: string): Authorizer {
  if (hasMethod(value, 'authorize')) return value as unknown as Authorizer;
  throw new OptionsInvalidError(
    'authorizer',
    `callout '${name}' needs a class or an object with an authorize() method, got ${describeValue(value)}.`,
  );
}
