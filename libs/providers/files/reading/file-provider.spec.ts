import { symlink } from 'node:fs/promises';

import { describe, expect, it, vi } from 'vitest';

import { CredsFileProvider } from '../creds-file-provider.js';
import { mintUsers, QUICK, TestFolder, until, userInfoOf, watchChanges } from '../files.fixture.js';
import { TokenFileProvider } from '../token-file-provider.js';

async function watchedToken(options: object = {}) {
  const folder = await TestFolder.make();
  const path = await folder.write('token', 'first');
  const provider = new TokenFileProvider({ path, pollInterval: false, ...QUICK, ...options });
  await userInfoOf(provider);
  return { folder, path, provider, changes: watchChanges(provider) };
}

describe('a provider of a file', () => {
  it('reads it anew for each call', async () => {
    const { folder, provider } = await watchedToken();
    expect(await userInfoOf(provider)).toEqual({ token: 'first' });
    await folder.replace('token', 'second');
    expect(await userInfoOf(provider)).toEqual({ token: 'second' });
  });

  it('tells of a replacement once, however many events it makes', async () => {
    const { folder, changes } = await watchedToken();
    for (const [i, text] of ['second', 'third', 'fourth'].entries()) {
      await folder.replace('token', text);
      await until(() => changes.count > i);
    }
    await folder.replace('token', 'fifth');
    await folder.replace('token', 'fifth');
    await until(() => changes.count > 3);
    await settled(folder);
    expect(changes.count).toBe(4);
  });

  it('does not tell of a file that is written again with the same content', async () => {
    const { folder, changes } = await watchedToken();
    await folder.replace('token', 'first');
    await folder.write('token', 'first\n');
    await settled(folder);
    expect(changes.count).toBe(0);
  });

  it('does not tell of one that is half-written, and tells once it is whole', async () => {
    const [one, two] = await mintUsers('one', 'two');
    if (!one || !two) throw new Error('two users were minted');
    const folder = await TestFolder.make();
    const path = await folder.write('user.creds', one.creds);
    const provider = new CredsFileProvider({ path, pollInterval: false, ...QUICK });
    await userInfoOf(provider);
    const changes = watchChanges(provider);
    for (const length of [0, 100, two.creds.length - 60]) {
      await folder.write('user.creds', two.creds.slice(0, length));
      await settled(folder);
    }
    expect(changes.count).toBe(0);
    await folder.write('user.creds', two.creds);
    await until(() => changes.count === 1);
    expect(await userInfoOf(provider)).toEqual({ creds: two.creds });
  });

  it('tells of what was replaced between the call and the watch', async () => {
    const folder = await TestFolder.make();
    const path = await folder.write('token', 'first');
    const provider = new TokenFileProvider({ path, pollInterval: false, ...QUICK });
    await userInfoOf(provider);
    await folder.replace('token', 'second');
    const changes = watchChanges(provider);
    await until(() => changes.count === 1);
  });

  it('finds by its poll what no event told of, such as a change behind a link', async () => {
    const [folder, elsewhere] = [await TestFolder.make(), await TestFolder.make()];
    await elsewhere.write('token', 'first');
    await symlink(elsewhere.file('token'), folder.file('token'));
    const provider = new TokenFileProvider({ path: folder.file('token'), pollInterval: 10, ...QUICK });
    await userInfoOf(provider);
    const changes = watchChanges(provider);
    await elsewhere.replace('token', 'second');
    await until(() => changes.count === 1);
  });

  it('tells nothing any more once the watch has ended', async () => {
    const { folder, provider, changes } = await watchedToken();
    await folder.replace('token', 'second');
    changes.end();
    const others = watchChanges(provider);
    await folder.replace('token', 'third');
    await until(() => others.count > 0);
    expect(changes.count).toBe(0);
  });

  it('warns once of a file that others may read', async () => {
    const onWarning = vi.fn();
    const { folder, provider, changes } = await watchedToken({ permissions: 'warn', onWarning });
    await folder.write('token', 'second', { mode: 0o644 });
    await until(() => changes.count === 1);
    await userInfoOf(provider);
    await userInfoOf(provider);
    expect(onWarning).toHaveBeenCalledOnce();
  });

  it('warns of it by a process warning that names the path', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const folder = await TestFolder.make();
    const path = await folder.write('token', 'SECRETMARK', { mode: 0o644 });
    await userInfoOf(new TokenFileProvider({ path, settle: 20 }));
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(path), 'NatsAuthWarning');
    warned.mockRestore();
  });
});

/** Resolves when a watch that heard of its file later than the others, and takes longer to settle, has told. */
async function settled(folder: TestFolder): Promise<void> {
  const path = await folder.replace('witness', 'first');
  const witness = new TokenFileProvider({ path, pollInterval: false, ...QUICK, settle: 3 * QUICK.settle });
  await userInfoOf(witness);
  const changes = watchChanges(witness);
  await folder.replace('witness', 'second');
  await until(() => changes.count > 0);
  changes.end();
}
