import { describeValue, duration, knownKeys, OptionsInvalidError, unsetHint } from '../../../base/index.js';
import { PERMISSIONS_POLICIES, type PermissionsPolicy } from './permissions.js';

/**
 * Options of every provider that reads files. All durations are in ms.
 * @public
 */
export interface FileOptions {
  /**
   * What happens when other users than its owner may read a file that holds a secret: a warning once for each file, an
   * error, or nothing. There is no warning for files of a Kubernetes volume, which have 0644 by default. Default: `warn`.
   */
  permissions?: PermissionsPolicy;
  /**
   * How often to look at the files, in addition to the events of their folder: for file systems without events, and for
   * links to other folders. 1 or more, or false for never. Default: 10,000.
   */
  pollInterval?: number | false;
  /** How long a file must be left alone before it is read: it may be half-written until then. Default: 100. */
  settle?: number;
  /** Hears warnings. Default: `process.emitWarning`. */
  onWarning?: (message: string) => void;
}

/** `FileOptions` with the defaults filled in. */
export type FileSettings = Required<FileOptions>;

const FILE_OPTIONS = ['permissions', 'pollInterval', 'settle', 'onWarning'];

/**
 * Checks the options of the provider `name` and fills in the defaults.
 * @param own what the provider has for options beside these.
 * @throws {@link OptionsInvalidError}
 */
export function fileSettings(name: string, options: FileOptions, own: readonly string[]): FileSettings {
  knownKeys(name, options, [...own, ...FILE_OPTIONS]);
  const { permissions = 'warn', pollInterval = 10_000, settle = 100, onWarning = emitWarning } = options;
  if (!PERMISSIONS_POLICIES.includes(permissions))
    throw new OptionsInvalidError(
      `${name}.permissions`,
      `expected one of ${PERMISSIONS_POLICIES.join(', ')}, got ${describeValue(permissions)}.`,
    );
  if (typeof onWarning !== 'function')
    throw new OptionsInvalidError(
      `${name}.onWarning`,
      `expected a function, got ${describeValue(onWarning)}.`,
    );
  return {
    permissions,
    pollInterval: pollInterval === false ? false : duration(`${name}.pollInterval`, pollInterval, 1),
    settle: duration(`${name}.settle`, settle, 0),
    onWarning,
  };
}

/** Checks an option that is a text, such as a path. It is not quoted: a secret may stand there by mistake. */
export function textOption(option: string, value: unknown, what: string): string {
  if (typeof value === 'string' && value.trim() !== '' && !value.includes('\0')) return value;
  throw new OptionsInvalidError(option, `expected ${what}, got ${describeValue(value)}.${unsetHint(value)}`);
}

function emitWarning(message: string): void {
  process.emitWarning(message, 'NatsAuthWarning');
}
