import { createRequire } from 'node:module';

import { PackageMissingError } from '../libs/credentials/index.js';

const load = createRequire(import.meta.url);

/**
 * Loads a package that is needed for one feature only, when that feature is used.
 * @throws {@link PackageMissingError} with the command that installs it.
 */
export function loadOptionalPeer(packageName: string, feature: string): unknown {
  try {
    return load(packageName);
  } catch (cause) {
    throw new PackageMissingError(feature, packageName, cause);
  }
}
