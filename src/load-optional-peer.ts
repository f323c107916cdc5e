import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * Loads a package that is needed for one feature only, when that feature is used.
 * @throws {Error} with the command that installs it.
 */
export function loadOptionalPeer(packageName: string, feature: string): unknown {
  try {
    return load(packageName);
  } catch (cause) {
    throw new Error(`${feature} needs the package '${packageName}': run \`npm install ${packageName}\`.`, {
      cause,
    });
  }
}
