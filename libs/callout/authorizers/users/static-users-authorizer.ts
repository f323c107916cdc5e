import {
  type Clock,
  duration,
  isolated,
  knownKeys,
  OptionsInvalidError,
  systemClock,
} from '../../../base/index.js';
import type { Admission } from '../../admission.js';
import type { AuthorizeContext, Authorizer } from '../../authorizer.js';
import { RefusedError } from '../../errors.js';
import type { CalloutRequest } from '../../request/callout-request.js';
import { checkedFunction } from '../checks.js';
import { type PasswordUser, type StaticUser, userTable, type UserTable } from './static-users.js';
import { UsersFile } from './users-file.js';

/**
 * Options of `StaticUsersAuthorizer`: either the users, or the path of a file.
 * @public
 */
export interface StaticUsersOptions {
  /** The users themselves. */
  users?: readonly StaticUser[];
  /**
   * A JSON file with the users as a list, or as `{ "users": [ … ] }`; `expiresAt` is a text as in `2030-01-31T12:00:00Z`. It may be replaced: the
   * users of the new one are known from then on. While it is broken, those of the last one stay.
   */
  path?: string;
  /** Looks whether the file has changed at most once in so many ms, when a client connects. Default: 1,000. */
  pollInterval?: number;
  /** Hears that the file cannot be used. Default: `process.emitWarning`. */
  onProblem?: (error: Error) => void;
  /**
   * Default: the machine's clock.
   * @internal
   */
  clock?: Clock;
}

/** Longer passwords are not hashed. */
const LONGEST_PASSWORD = 1_024;

/**
 * Admits users that are known beforehand, by a password of which only a hash is there, or by an NKey.
 *
 * ```ts
 * new StaticUsersAuthorizer({ path: '/etc/nats/users.json' });
 * ```
 * @public
 */
export class StaticUsersAuthorizer implements Authorizer {
  readonly #users: { readonly table: UserTable };

  /**
   * @throws `OptionsInvalidError`
   * @throws `FileUnusableError` the file is not there, or holds no users.
   */
  constructor(options: StaticUsersOptions) {
    const name = 'StaticUsersAuthorizer';
    knownKeys(name, options, ['users', 'path', 'pollInterval', 'onProblem', 'clock']);
    const { users, path, clock = systemClock, onProblem = emitWarning } = options;
    const pollInterval = duration(`${name}.pollInterval`, options.pollInterval ?? 1_000, 0);
    checkedFunction(`${name}.onProblem`, onProblem);
    if ((users === undefined) === (path === undefined))
      throw new OptionsInvalidError(`${name}.users`, `give either 'users' or 'path'.`);
    // A listener that throws must not refuse a client.
    const tell = (error: Error) =>
      isolated(
        () => onProblem(error),
        () => {},
      );
    this.#users =
      path === undefined
        ? { table: userTable(`${name}.users`, users) }
        : new UsersFile({ path: checkedPath(`${name}.path`, path), pollInterval, onProblem: tell, clock });
  }

  /**
   * @throws {@link RefusedError} `unknown`, or `credentials`: the password is wrong, or the NKey is not proved.
   * @throws `PackageMissingError` for an argon2 hash where `@node-rs/argon2` is not installed.
   */
  async authorize({ credentials }: CalloutRequest, { signal }: AuthorizeContext): Promise<Admission> {
    const { table } = this.#users;
    const { user, pass, nkey } = credentials;
    if (nkey && table.byNkey.has(nkey.publicKey)) return admittedByNkey(table, nkey);
    if (user === undefined || pass === undefined)
      throw new RefusedError(
        'The client presents neither a name with a password, nor an NKey that is known.',
        {
          reason: 'unknown',
        },
      );
    if (Buffer.byteLength(pass) > LONGEST_PASSWORD)
      throw new RefusedError(`The password is longer than ${LONGEST_PASSWORD} bytes.`);
    const known = table.byName.get(user);
    // One who is not known takes as long: the time must not tell which names there are.
    const [anybody] = table.byName.values();
    const isRight = await fits(known ?? anybody, pass, signal);
    if (!known) throw new RefusedError('The user is not known.', { reason: 'unknown' });
    if (!isRight) throw new RefusedError('The password is wrong.');
    return known.admission;
  }
}

function admittedByNkey(
  { byNkey }: UserTable,
  { publicKey, proven }: NonNullable<CalloutRequest['credentials']['nkey']>,
): Admission {
  const admission = byNkey.get(publicKey);
  if (!admission) throw new RefusedError('The NKey is not known.', { reason: 'unknown' });
  if (!proven) throw new RefusedError('The client has not proved that it has the NKey.');
  return admission;
}

/** Checks all hashes, whether one fits or not. */
async function fits(user: PasswordUser | undefined, password: string, signal: AbortSignal): Promise<boolean> {
  let found = false;
  for (const hash of user?.hashes ?? []) {
    signal.throwIfAborted();
    if (await hash.verify(password, signal)) found = true;
  }
  return found;
}

function checkedPath(option: string, path: unknown): string {
  if (typeof path === 'string' && path.trim() !== '' && !path.includes('\0')) return path;
  throw new OptionsInvalidError(option, 'expected the path of a file of users.');
}

function emitWarning(error: Error): void {
  process.emitWarning(error.message, 'NatsAuthWarning');
}
