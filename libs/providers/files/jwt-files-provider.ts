import { FileUnusableError } from '../../base/index.js';
import type { UserInfo } from '../../credentials/index.js';
import { flawOf } from './user-jwt.js';
import { type FileOptions, fileSettings, textOption } from './reading/file-options.js';
import { checkedContent, FileProvider, incomplete } from './reading/file-provider.js';

/**
 * Options of `JwtFilesProvider`.
 * @public
 */
export interface JwtFilesOptions extends FileOptions {
  /** Path of the file that holds the user JWT. */
  jwtPath: string;
  /** Path of the file that holds its NKey seed (`SU…`). */
  seedPath: string;
}

/**
 * User info from two files, a user JWT and its NKey seed. While only one of them has been replaced, neither is used.
 *
 * ```ts
 * new JwtFilesProvider({ jwtPath: '/run/secrets/nats/user.jwt', seedPath: '/run/secrets/nats/user.nk' });
 * ```
 * @public
 */
export class JwtFilesProvider extends FileProvider {
  readonly #jwtPath: string;
  readonly #seedPath: string;

  /** @throws `OptionsInvalidError` */
  constructor(options: JwtFilesOptions) {
    const settings = fileSettings('JwtFilesProvider', options, ['jwtPath', 'seedPath']);
    const path = (option: 'jwtPath' | 'seedPath', what: string) =>
      textOption(`JwtFilesProvider.${option}`, options[option], what);
    const jwtPath = path('jwtPath', 'the path of a user JWT file');
    const seedPath = path('seedPath', 'the path of a seed file');
    super(
      [
        { path: jwtPath, secret: false },
        { path: seedPath, secret: true },
      ],
      settings,
    );
    this.#jwtPath = jwtPath;
    this.#seedPath = seedPath;
  }

  /** @internal */
  protected userInfoOf([jwtText = '', seedText = '']: readonly string[]): UserInfo {
    const jwt = jwtText.trim();
    const seed = seedText.trim();
    const wholeJwt = 'a whole user JWT (three base64url parts joined by dots)';
    const wholeSeed = 'a whole NKey user seed (58 characters, beginning with SU)';
    checkedContent({ jwt }, this.#jwtPath, wholeJwt);
    checkedContent({ seed }, this.#seedPath, wholeSeed);
    const flaw = flawOf(jwt, seed);
    if (flaw === 'jwt') throw incomplete(this.#jwtPath, wholeJwt);
    if (flaw === 'seed') throw incomplete(this.#seedPath, wholeSeed);
    if (flaw === 'pair')
      throw new FileUnusableError(
        this.#seedPath,
        `holds the seed of another user than '${this.#jwtPath}' is for: replace both files.`,
      );
    return { jwt, seed };
  }
}
