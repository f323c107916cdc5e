import { mkdir, readFile, utimes } from 'node:fs/promises';

import { describe, expect, it, vi } from 'vitest';

import { FileUnusableError, systemClock, VirtualClock } from '../../../base/index.js';
import { TestFolder } from '../files.fixture.js';
import { readFiles } from './read-files.js';

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return { ...fs, readFile: vi.fn(fs.readFile) };
});

const patience = { settle: 20, clock: systemClock, signal: AbortSignal.timeout(60_000) };

describe('files', () => {
  it('are read in their order', async () => {
    const folder = await TestFolder.make();
    const paths = [await folder.write('a', 'first'), await folder.write('b', 'second')];
    expect(await readFiles(paths, patience)).toEqual(['first', 'second']);
  });

  it('that are replaced between the one and the other are read again', async () => {
    const folder = await TestFolder.make();
    await folder.mount({ a: 'a1', b: 'b1' });
    let replaced = () => {};
    const replacement = new Promise<void>((resolve) => (replaced = resolve));
    vi.mocked(readFile)
      .mockImplementationOnce(async () => {
        await folder.mount({ a: 'a2', b: 'b2' });
        replaced();
        return 'a1';
      })
      .mockImplementationOnce(async () => {
        await replacement;
        return 'b2';
      });
    const texts = await readFiles([folder.file('a'), folder.file('b')], { ...patience, settle: 0 });
    expect(texts).toEqual(['a2', 'b2']);
  });

  it('that are being written are waited for until nobody has written for the time to settle', async () => {
    const folder = await TestFolder.make();
    const path = await folder.write('token', 'half');
    // A second behind: the time that a file system stamps may be a few ms behind the machine's.
    const clock = new VirtualClock(Date.now() - 1_000);
    const reading = readFiles([path], { settle: 3_600_000, clock, signal: patience.signal });
    while (clock.pending === 0) await clock.flush();
    await folder.write('token', '-whole', { flag: 'a' });
    await clock.advance(3_600_000);
    while (clock.pending === 0) await clock.flush();
    await clock.advance(3_600_000);
    expect(await reading).toEqual(['half-whole']);
  });

  it('with a time of writing far ahead, from a file server whose clock is, are read all the same', async () => {
    const folder = await TestFolder.make();
    const path = await folder.write('token', 'text');
    const ahead = new Date(Date.now() + 3_600_000);
    await utimes(path, ahead, ahead);
    expect(await readFiles([path], patience)).toEqual(['text']);
  });

  it('that are written without end are waited for until the signal aborts', async () => {
    const folder = await TestFolder.make();
    const path = await folder.write('token', 'text');
    const controller = new AbortController();
    const reading = readFiles([path], { ...patience, settle: 3_600_000, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });

  it('that cannot be used are told by path and with what to do', async () => {
    const folder = await TestFolder.make();
    await mkdir(folder.file('folder'));
    await folder.write('huge', 'x'.repeat(2_000_000));
    const problems = {
      missing: /does not exist: mount or write it/,
      folder: /is no regular file/,
      huge: /2000000 bytes/,
    };
    for (const [name, problem] of Object.entries(problems)) {
      const error: unknown = await readFiles([folder.file(name)], patience).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(FileUnusableError);
      expect(error).toMatchObject({ code: 'FILE_UNUSABLE', path: folder.file(name) });
      expect((error as Error).message).toMatch(problem);
      expect((error as Error).message).toContain(`'${folder.file(name)}'`);
    }
    expect(await readFiles([folder.file('huge') + '/below'], patience).catch(String)).toMatch(/is no folder/);
  });
});
