import type { UserInfo } from '../../credentials/index.js';
import { publicUserNkey } from '../../base/index.js';
import { type FileOptions, fileSettings, textOption } from './reading/file-options.js';
import { checkedContent, FileProvider, incomplete } from './reading/file-provider.js';

/**
 * Options of `NkeySeedFileProvider`.
 * @public
 */
export interface NkeySeedFileOptions extends FileOptions {
  /** Path of the file that holds the seed of an NKey user (`SU…`). */
  path: string;
}

/**
 * User info from the file of an NKey seed, for servers that know their users by public key.
 *
 * ```ts
 * new NkeySeedFileProvider({ path: '/run/secrets/nats/user.nk' });
 * ```
 * @public
 */
export class NkeySeedFileProvider extends FileProvider {
  readonly #path: string;

  /** @throws `OptionsInvalidError` */
  constructor(options: NkeySeedFileOptions) {
    const settings = fileSettings('NkeySeedFileProvider', options, ['path']);
    const path = textOption('NkeySeedFileProvider.path', options.path, 'the path of a seed file');
    super([{ path, secret: true }], settings);
    this.#path = path;
  }

  /** @internal */
  protected userInfoOf([text = '']: readonly string[]): UserInfo {
    const expected = 'a whole NKey user seed (58 characters, beginning with SU)';
    const seed = text.trim();
    const userInfo = checkedContent({ seed }, this.#path, expected);
    if (publicUserNkey(seed) === undefined) throw incomplete(this.#path, expected);
    return userInfo;
  }
}
