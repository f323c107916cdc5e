import type { UserInfo } from '../../credentials/index.js';
import { type FileOptions, fileSettings, textOption } from './reading/file-options.js';
import { checkedContent, FileProvider } from './reading/file-provider.js';

/**
 * Options of `TokenFileProvider`.
 * @public
 */
export interface TokenFileOptions extends FileOptions {
  /** Path of the file that holds the token and nothing else. */
  path: string;
  /** Presents the token as the password of this user. Default: as NATS token. */
  user?: string;
}

/**
 * User info from a token file, such as a projected Kubernetes service-account token, for servers with a token or with
 * an auth-callout service that checks it.
 *
 * ```ts
 * new TokenFileProvider({ path: '/var/run/secrets/nats/token' });
 * ```
 * @public
 */
export class TokenFileProvider extends FileProvider {
  readonly #path: string;
  readonly #user?: string;

  /** @throws `OptionsInvalidError` */
  constructor(options: TokenFileOptions) {
    const settings = fileSettings('TokenFileProvider', options, ['path', 'user']);
    const path = textOption('TokenFileProvider.path', options.path, 'the path of a token file');
    const { user } = options;
    super([{ path, secret: true }], settings);
    this.#path = path;
    if (user !== undefined) this.#user = textOption('TokenFileProvider.user', user, 'a user name');
  }

  /** @internal */
  protected userInfoOf([text = '']: readonly string[]): UserInfo {
    const token = text.trim();
    const userInfo = this.#user === undefined ? { token } : { user: this.#user, pass: token };
    return checkedContent(userInfo, this.#path, 'a token');
  }
}
