import type { Admission } from '../admission.js';

/**
 * An admission that may leave its name to the authorizer.
 * @public
 */
export type PartialAdmission = Omit<Admission, 'name'> & { readonly name?: string };

/** An admission with defaults for what it leaves out. What is no object at all stays as it is, for the callout to refuse it. */
export function completed(
  admission: PartialAdmission,
  defaults: { readonly name: () => string; readonly expiresAt?: number },
): Admission {
  const given: unknown = admission;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given as Admission;
  return {
    ...admission,
    name: admission.name ?? defaults.name(),
    expiresAt: admission.expiresAt ?? defaults.expiresAt,
  };
}
