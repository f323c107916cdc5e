import { describeValue, OptionsInvalidError } from '../../base/index.js';
import type { Authorizer } from '../authorizer.js';

/** @throws {@link OptionsInvalidError} */
export function checkedFunction<F>(option: string, value: F): F {
  if (typeof value === 'function') return value;
  throw new OptionsInvalidError(option, `expected a function, got ${describeValue(value, 'type')}.`);
}

/** @throws {@link OptionsInvalidError} */
export function checkedAuthorizer(option: string, value: Authorizer): Authorizer {
  const given: unknown = value;
  if (
    typeof given === 'object' &&
    given !== null &&
    typeof (given as Partial<Authorizer>).authorize === 'function'
  )
    return value;
  throw new OptionsInvalidError(
    option,
    `expected an authorizer, an object with 'authorize()', got ${describeValue(value, 'type')}.`,
  );
}
