import { noneUndefined, OptionsInvalidError } from '../../base/index.js';
import type { UserInfo } from '../../credentials/index.js';
import { type FileOptions, fileSettings, textOption } from './reading/file-options.js';
import { checkedContent, FileProvider, type SourceFile } from './reading/file-provider.js';

/**
 * Options of `PasswordFilesProvider`.
 * @public
 */
export interface PasswordFilesOptions extends FileOptions {
  /** Path of the file that holds the user name; or `user`. */
  userPath?: string;
  /** The user name, when it is no secret and stays the same; or `userPath`. */
  user?: string;
  /** Path of the file that holds the password. */
  passPath: string;
}

/**
 * User info from mounted secret files: a user name and its password. Line breaks at their ends do not count. While one
 * of them is being replaced, the other is not used without it.
 *
 * ```ts
 * new PasswordFilesProvider({ userPath: '/run/secrets/nats/username', passPath: '/run/secrets/nats/password' });
 * ```
 * @public
 */
export class PasswordFilesProvider extends FileProvider {
  readonly #passPath: string;
  readonly #userPath?: string;
  readonly #user?: string;

  /** @throws `OptionsInvalidError` */
  constructor(options: PasswordFilesOptions) {
    const settings = fileSettings('PasswordFilesProvider', options, ['userPath', 'user', 'passPath']);
    const { user, userPath, passPath } = options;
    noneUndefined('PasswordFilesProvider', options, ['user', 'userPath'], 'if the other one is given');
    if ((user === undefined) === (userPath === undefined))
      throw new OptionsInvalidError('PasswordFilesProvider.userPath', `give either it or 'user'.`);
    const text = (option: string, value: unknown, what: string) =>
      textOption(`PasswordFilesProvider.${option}`, value, what);
    const files: SourceFile[] = [
      { path: text('passPath', passPath, 'the path of a password file'), secret: true },
    ];
    if (userPath !== undefined)
      files.push({ path: text('userPath', userPath, 'the path of a user name file'), secret: false });
    super(files, settings);
    this.#passPath = passPath;
    this.#userPath = userPath;
    if (user !== undefined) this.#user = text('user', user, 'a user name');
  }

  /** @internal */
  protected userInfoOf([passText = '', userText]: readonly string[]): UserInfo {
    const pass = withoutLineBreak(passText);
    const user = this.#user ?? withoutLineBreak(userText ?? '');
    if (this.#userPath !== undefined) checkedContent({ user }, this.#userPath, 'a user name');
    return checkedContent({ user, pass }, this.#passPath, 'a password');
  }
}

/** Editors and `echo` end a file with one; blanks may belong to a password. */
function withoutLineBreak(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}
