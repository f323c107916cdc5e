import { mkdir, rename, rm } from 'node:fs/promises';

import { describe, expect, it, type Mock, onTestFinished, vi } from 'vitest';

import { TestFolder, until } from '../files.fixture.js';
import { watchFolders } from './watch-folders.js';

const POLL_MS = 200;

async function watched(pollInterval: number | false) {
  const folder = await TestFolder.make();
  await folder.write('token', 'first');
  const look = vi.fn();
  const end = watchFolders([folder.file('token')], pollInterval, look);
  onTestFinished(end);
  return { folder, look, end };
}

describe('a watched folder', () => {
  it('tells of a replacement and of a swap of the link, without a poll', async () => {
    const { folder, look } = await watched(false);
    await folder.replace('token', 'second');
    await until(() => look.mock.calls.length > 0);
    await rm(folder.file('token'));
    await folder.mount({ token: 'third' });
    await allIsTold(folder);
    look.mockClear();
    await folder.mount({ token: 'fourth' });
    await until(() => look.mock.calls.length > 0);
  });

  it('does not tell of its other files', async () => {
    const { folder, look } = await watched(false);
    await folder.write('other', 'text');
    await folder.replace('token', 'second');
    await allIsTold(folder);
    expect(look).toHaveBeenCalled();
    look.mockClear();
    for (let i = 0; i < 50; i++) await folder.write('other', String(i));
    await folder.replace('another', 'text');
    await allIsTold(folder);
    expect(look).not.toHaveBeenCalled();
  });

  it('is looked at regularly without events, also when it is not there', async () => {
    const look = vi.fn();
    const end = watchFolders(['/does/not/exist/token'], 5, look);
    onTestFinished(end);
    await until(() => look.mock.calls.length >= 3);
  });

  it('that is made anew tells again from the next poll on', async () => {
    const { folder, look } = await watched(POLL_MS);
    await rename(folder.path, `${folder.path}-gone`);
    onTestFinished(() => rm(`${folder.path}-gone`, { recursive: true }));
    await mkdir(folder.path);
    await until(() => toldSoonerThanPolls(folder, look));
  });

  it('is left alone once the watch has ended', async () => {
    const { folder, look, end } = await watched(5);
    end();
    look.mockClear();
    const other = vi.fn();
    onTestFinished(watchFolders([folder.file('token')], 5, other));
    await folder.replace('token', 'second');
    await until(() => other.mock.calls.length > 5);
    expect(look).not.toHaveBeenCalled();
  });
});

/** Waits for the end of a change that another watch of the folder is told of: the system tells of changes in their order. */
async function allIsTold(folder: TestFolder): Promise<void> {
  const last = vi.fn();
  const end = watchFolders([folder.file('last')], false, last);
  await folder.replace('last', 'text');
  await until(() => last.mock.calls.length > 0);
  end();
}

/** Whether ten changes are told in less time than ten polls take. */
async function toldSoonerThanPolls(folder: TestFolder, look: Mock): Promise<boolean> {
  look.mockClear();
  const startedAt = performance.now();
  for (let n = 0; n < 10; n++) await folder.write('token', String(n));
  await until(() => look.mock.calls.length >= 10);
  return performance.now() < startedAt + 9 * POLL_MS;
}
