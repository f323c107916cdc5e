import { describe, expect, it } from 'vitest';

import { createNkeyUser } from '../../../test/support/nkey-mode.js';
import { createOperatorMode } from '../../../test/support/operator-mode.js';
import { FileUnusableError } from '../../base/index.js';
import { ResolvedUserInfo } from '../../credentials/index.js';
import { CredsFileProvider } from './creds-file-provider.js';
import { mintUsers, QUICK, TestFolder, until, userInfoOf, watchChanges } from './files.fixture.js';
import { JwtFilesProvider } from './jwt-files-provider.js';
import { NkeySeedFileProvider } from './nkey-seed-file-provider.js';
import { PasswordFilesProvider } from './password-files-provider.js';
import { TokenFileProvider } from './token-file-provider.js';

const failureOf = async (provider: Parameters<typeof userInfoOf>[0]): Promise<FileUnusableError> => {
  const error: unknown = await userInfoOf(provider).catch((thrown: unknown) => thrown);
  if (!(error instanceof FileUnusableError))
    throw new Error('expected a FileUnusableError', { cause: error });
  return error;
};

describe('a .creds file', () => {
  it('becomes creds, whose expiry is known', async () => {
    const folder = await TestFolder.make();
    const user = await (await createOperatorMode()).mintUser({ expiresInMs: 3_600_000 });
    const provider = new CredsFileProvider({ path: await folder.write('user.creds', user.creds), ...QUICK });
    const userInfo = await userInfoOf(provider);
    expect(userInfo).toEqual({ creds: user.creds });
    expect(new ResolvedUserInfo(userInfo, Date.now()).expiresAt).toBe(user.expiresAt);
  });

  it('is refused when it is cut off anywhere, or made of two users, without its content in the error', async () => {
    const [one, two] = await mintUsers('one', 'two');
    if (!one || !two) throw new Error('two users were minted');
    const folder = await TestFolder.make();
    const provider = new CredsFileProvider({ path: folder.file('user.creds'), ...QUICK, settle: 0 });
    const whole = one.creds.trimEnd();
    const pieces = Array.from({ length: 40 }, (_, i) =>
      whole.slice(0, Math.floor((i * (whole.length - 30)) / 39)),
    );
    for (const text of [...pieces, one.creds.replace(one.seed, two.seed)]) {
      await folder.write('user.creds', text);
      const { message, path } = await failureOf(provider);
      expect(path).toBe(folder.file('user.creds'));
      expect(message).toMatch(/does not hold a whole \.creds file/);
      expect(message).not.toContain(one.jwt.slice(0, 20));
    }
  });
});

describe('an NKey seed file', () => {
  it('becomes a seed, without the blanks around it', async () => {
    const { seed } = createNkeyUser();
    const folder = await TestFolder.make();
    const provider = new NkeySeedFileProvider({
      path: await folder.write('user.nk', ` ${seed}\n`),
      ...QUICK,
    });
    expect(await userInfoOf(provider)).toEqual({ seed });
  });

  it.each([
    ['cut off', (seed: string) => seed.slice(0, 40)],
    ['empty', () => ''],
    [
      'one with a wrong character',
      (seed: string) => `${seed.slice(0, 30)}${seed[30] === 'A' ? 'B' : 'A'}${seed.slice(31)}`,
    ],
  ])('is refused when it is %s, without its content in the error', async (_name, damage) => {
    const { seed } = createNkeyUser();
    const folder = await TestFolder.make();
    const provider = new NkeySeedFileProvider({
      path: await folder.write('user.nk', damage(seed)),
      ...QUICK,
    });
    const { message } = await failureOf(provider);
    expect(message).toContain('user.nk');
    expect(message).not.toContain(seed.slice(0, 10));
  });
});

describe('a JWT file and its seed file', () => {
  it('become both, and are not used while only one of them is replaced', async () => {
    const [one, two] = await mintUsers('one', 'two');
    if (!one || !two) throw new Error('two users were minted');
    const folder = await TestFolder.make();
    const [jwtPath, seedPath] = [
      await folder.write('jwt', `${one.jwt}\n`),
      await folder.write('seed', one.seed),
    ];
    const provider = new JwtFilesProvider({ jwtPath, seedPath, pollInterval: false, ...QUICK });
    expect(await userInfoOf(provider)).toEqual({ jwt: one.jwt, seed: one.seed });
    const changes = watchChanges(provider);
    await folder.replace('jwt', two.jwt);
    const { message } = await failureOf(provider);
    expect(message).toContain(`'${seedPath}' holds the seed of another user than '${jwtPath}'`);
    expect(changes.count).toBe(0);
    await folder.replace('seed', two.seed);
    await until(() => changes.count === 1);
    expect(await userInfoOf(provider)).toEqual({ jwt: two.jwt, seed: two.seed });
  });

  it('are refused by the path of the one that is not whole', async () => {
    const [one] = await mintUsers('one');
    if (!one) throw new Error('a user was minted');
    const folder = await TestFolder.make();
    const provider = new JwtFilesProvider({
      jwtPath: folder.file('jwt'),
      seedPath: folder.file('seed'),
      ...QUICK,
      settle: 0,
    });
    const damaged = { jwt: one.jwt.slice(0, -1), seed: one.seed.slice(0, -1) };
    for (const name of ['jwt', 'seed'] as const) {
      await folder.write('jwt', one.jwt);
      await folder.write('seed', one.seed);
      for (const text of ['', damaged[name]]) {
        await folder.write(name, text);
        expect((await failureOf(provider)).path).toBe(folder.file(name));
      }
    }
  });
});

describe('a token file', () => {
  it('becomes a token, or the password of a user', async () => {
    const path = await (await TestFolder.make()).write('token', '\n abc\n');
    expect(await userInfoOf(new TokenFileProvider({ path, ...QUICK }))).toEqual({ token: 'abc' });
    expect(await userInfoOf(new TokenFileProvider({ path, user: 'svc', ...QUICK }))).toEqual({
      user: 'svc',
      pass: 'abc',
    });
  });

  it('is refused when nothing is in it', async () => {
    const path = await (await TestFolder.make()).write('token', ' \n');
    expect((await failureOf(new TokenFileProvider({ path, ...QUICK }))).message).toContain(
      `'${path}' does not hold a token`,
    );
  });
});

describe('a user name file and a password file', () => {
  it('become both, without the line breaks at their ends but with the blanks of the password', async () => {
    const folder = await TestFolder.make();
    const passPath = await folder.write('password', ' pass word \r\n');
    const userPath = await folder.write('username', 'svc\n');
    const userInfo = { user: 'svc', pass: ' pass word ' };
    expect(await userInfoOf(new PasswordFilesProvider({ userPath, passPath, ...QUICK }))).toEqual(userInfo);
    expect(await userInfoOf(new PasswordFilesProvider({ user: 'svc', passPath, ...QUICK }))).toEqual(
      userInfo,
    );
  });

  it('are refused by the path of the one that is empty', async () => {
    const folder = await TestFolder.make();
    const paths = { passPath: folder.file('password'), userPath: folder.file('username') };
    const provider = new PasswordFilesProvider({ ...paths, ...QUICK });
    await folder.write('username', 'svc');
    await folder.write('password', '\n');
    expect((await failureOf(provider)).path).toBe(paths.passPath);
    await folder.write('password', 'pass');
    await folder.write('username', '');
    expect((await failureOf(provider)).path).toBe(paths.userPath);
  });

  it('are read as one, also while both are replaced all the time', async () => {
    const folder = await TestFolder.make();
    await folder.mount({ username: 'user-0', password: 'pass-0' });
    const provider = new PasswordFilesProvider({
      userPath: folder.file('username'),
      passPath: folder.file('password'),
      ...QUICK,
      settle: 0,
    });
    const replacements = { go: true };
    const replacing = (async () => {
      for (let n = 1; replacements.go; n++)
        await folder.mount({ username: `user-${n}`, password: `pass-${n}` });
    })();
    for (let i = 0; i < 200; i++) {
      const { user = '', pass = '' } = await userInfoOf(provider);
      expect(pass).toBe(user.replace('user', 'pass'));
    }
    replacements.go = false;
    await replacing;
  });
});
