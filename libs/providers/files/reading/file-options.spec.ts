import { describe, expect, it } from 'vitest';

import { OptionsInvalidError } from '../../../base/index.js';
import { CredsFileProvider } from '../creds-file-provider.js';
import { JwtFilesProvider } from '../jwt-files-provider.js';
import { NkeySeedFileProvider } from '../nkey-seed-file-provider.js';
import { PasswordFilesProvider } from '../password-files-provider.js';
import { TokenFileProvider } from '../token-file-provider.js';

const refused = (make: () => unknown): unknown => {
  try {
    make();
  } catch (error) {
    return error;
  }
  return 'accepted';
};

const given = (options: unknown) => options as never;

describe('options of a provider of files', () => {
  it.each<[string, () => unknown]>([
    ['CredsFileProvider.path', () => new CredsFileProvider(given({}))],
    ['CredsFileProvider.path', () => new CredsFileProvider({ path: '' })],
    ['CredsFileProvider.path', () => new CredsFileProvider(given({ path: 1 }))],
    ['CredsFileProvider', () => new CredsFileProvider(given('user.creds'))],
    ['CredsFileProvider.file', () => new CredsFileProvider(given({ file: 'user.creds' }))],
    ['NkeySeedFileProvider.path', () => new NkeySeedFileProvider(given({}))],
    ['JwtFilesProvider.jwtPath', () => new JwtFilesProvider(given({ seedPath: 'seed' }))],
    ['JwtFilesProvider.seedPath', () => new JwtFilesProvider(given({ jwtPath: 'jwt' }))],
    ['TokenFileProvider.path', () => new TokenFileProvider(given({}))],
    ['TokenFileProvider.user', () => new TokenFileProvider({ path: 'token', user: '' })],
    ['TokenFileProvider.settle', () => new TokenFileProvider({ path: 'token', settle: -1 })],
    ['TokenFileProvider.pollInterval', () => new TokenFileProvider({ path: 'token', pollInterval: 0 })],
    [
      'TokenFileProvider.permissions',
      () => new TokenFileProvider(given({ path: 'token', permissions: 'no' })),
    ],
    ['TokenFileProvider.onWarning', () => new TokenFileProvider(given({ path: 'token', onWarning: 'log' }))],
    ['PasswordFilesProvider.passPath', () => new PasswordFilesProvider(given({ user: 'svc' }))],
    ['PasswordFilesProvider.user', () => new PasswordFilesProvider({ user: ' ', passPath: 'pass' })],
    ['PasswordFilesProvider.userPath', () => new PasswordFilesProvider({ passPath: 'pass' })],
    [
      'PasswordFilesProvider.userPath',
      () => new PasswordFilesProvider({ user: 'svc', userPath: 'user', passPath: 'pass' }),
    ],
  ])('are refused by the name of the option: %s', (option, make) => {
    const error = refused(make);
    expect(error).toBeInstanceOf(OptionsInvalidError);
    expect(error).toMatchObject({ option });
  });

  it('are never quoted: a secret may stand there by mistake', () => {
    const error = refused(() => new TokenFileProvider(given({ path: 'token', permissions: 'SECRETMARK' })));
    expect(String(error)).not.toContain('SECRETMARK');
  });
});
