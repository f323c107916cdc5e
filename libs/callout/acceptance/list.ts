import { describeValue } from '../../base/index.js';
import { AdmissionInvalidError } from '../errors.js';

/**
 * A field of an admission that has several values.
 * @param emptiness what an empty list would mean, where that cannot be meant.
 * @throws {@link AdmissionInvalidError}
 */
export function list(field: string, value: unknown, emptiness?: string): readonly unknown[] {
  if (!Array.isArray(value))
    throw new AdmissionInvalidError(field, `expected a list, got ${describeValue(value)}`);
  if (emptiness !== undefined && value.length === 0)
    throw new AdmissionInvalidError(field, `is empty: ${emptiness}`);
  return value as readonly unknown[];
}
