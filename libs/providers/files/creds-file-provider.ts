import { parseCreds, type UserInfo } from '../../credentials/index.js';
import { flawOf } from './user-jwt.js';
import { type FileOptions, fileSettings, textOption } from './reading/file-options.js';
import { checkedContent, FileProvider, incomplete } from './reading/file-provider.js';

/**
 * Options of `CredsFileProvider`.
 * @public
 */
export interface CredsFileOptions extends FileOptions {
  /** Path of the `.creds` file. */
  path: string;
}

/**
 * User info from a `.creds` file: a user JWT and its NKey seed, as `nsc` or the Vault agent writes it.
 *
 * ```ts
 * new CredsFileProvider({ path: '/run/secrets/nats/user.creds' });
 * ```
 * @public
 */
export class CredsFileProvider extends FileProvider {
  readonly #path: string;

  /** @throws `OptionsInvalidError` */
  constructor(options: CredsFileOptions) {
    const settings = fileSettings('CredsFileProvider', options, ['path']);
    const path = textOption('CredsFileProvider.path', options.path, 'the path of a .creds file');
    super([{ path, secret: true }], settings);
    this.#path = path;
  }

  /** @internal */
  protected userInfoOf([creds = '']: readonly string[]): UserInfo {
    const expected = 'a whole .creds file (a user JWT block and the block of its NKey seed)';
    const userInfo = checkedContent({ creds }, this.#path, expected);
    const { jwt, seed } = parseCreds(creds) ?? {};
    if (!jwt || !seed || flawOf(jwt, seed)) throw incomplete(this.#path, expected);
    return userInfo;
  }
}
