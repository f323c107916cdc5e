import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { debianSourceFor } from './debian-source.js';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

describe('the package source for another Debian suite', () => {
  let etcApt: string;

  beforeEach(async () => {
    etcApt = await mkdtemp(join(tmpdir(), 'etc-apt-'));
  });

  afterEach(() => rm(etcApt, { recursive: true, force: true }));

  const write = async (name: string, ...lines: string[]) => {
    await mkdir(dirname(join(etcApt, name)), { recursive: true });
    await writeFile(join(etcApt, name), lines.join('\n'));
  };

  it('comes from the main archive of a deb822 file, with its keys', async () => {
    await write(
      'sources.list.d/debian.sources',
      '# a remark',
      'Types: deb deb-src',
      'URIs: http://mirror.example.org/debian',
      'Suites: bookworm bookworm-updates',
      'Components: main contrib',
      `Signed-By: ${KEYRING}`,
      '',
      'Types: deb',
      'URIs: http://mirror.example.org/debian-security',
      'Suites: bookworm-security',
      'Components: main',
    );
    expect(await debianSourceFor('trixie', etcApt)).toBe(
      [
        'Types: deb',
        'URIs: http://mirror.example.org/debian',
        'Suites: trixie',
        'Components: main',
        `Signed-By: ${KEYRING}`,
        '',
      ].join('\n'),
    );
  });

  it('comes from a one-line entry, with or without options', async () => {
    await write('sources.list', 'deb http://mirror.example.org/debian/ bookworm main');
    const plain = await debianSourceFor('sid', etcApt);
    expect(plain).toContain('URIs: http://mirror.example.org/debian/\nSuites: sid\n');
    expect(plain).not.toContain('Signed-By');

    await write(
      'sources.list',
      `deb [arch=amd64 signed-by=${KEYRING}] http://mirror.example.org/debian bookworm main`,
    );
    expect(await debianSourceFor('sid', etcApt)).toContain(`Signed-By: ${KEYRING}\n`);
  });

  it('passes over security and updates entries that come first', async () => {
    await write(
      'sources.list',
      'deb http://first.example.org/debian-security bookworm-security main',
      'deb http://second.example.org/debian bookworm-updates main',
      'deb http://third.example.org/debian bookworm main',
    );
    expect(await debianSourceFor('trixie', etcApt)).toContain('URIs: http://third.example.org/debian\n');
  });

  it.each([
    ['of another path', 'deb https://tools.example.com/apt bookworm main'],
    ['without the main component', 'deb https://tools.example.com/linux/debian bookworm stable'],
    ['with keys of its own', 'deb [signed-by=/etc/tools.gpg] https://tools.example.com/debian bookworm main'],
    ['of sources only', 'deb-src http://mirror.example.org/debian bookworm main'],
    ['that is commented out', '# deb http://mirror.example.org/debian bookworm main'],
  ])('is not taken from an archive %s', async (_, line) => {
    await write('sources.list', line);
    expect(await debianSourceFor('trixie', etcApt)).toBeUndefined();
  });

  it('is not taken from a disabled entry', async () => {
    await write(
      'sources.list.d/debian.sources',
      'Enabled: no',
      'Types: deb',
      'URIs: http://mirror.example.org/debian',
      'Suites: bookworm',
      'Components: main',
    );
    expect(await debianSourceFor('trixie', etcApt)).toBeUndefined();
  });

  it('is undefined where apt has no configuration at all', async () => {
    expect(await debianSourceFor('trixie', join(etcApt, 'nothing'))).toBeUndefined();
  });
});
