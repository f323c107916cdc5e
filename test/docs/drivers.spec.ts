import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { DRIVERS, rangeOf, rangeOfPackage } from '../../libs/connection/drivers/driver-list.js';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

describe.each(DRIVERS)('$package from $from', (entry) => {
  it('is what package.json allows', () => {
    const { peerDependencies } = JSON.parse(read('package.json')) as {
      peerDependencies: Record<string, string>;
    };
    expect(peerDependencies[entry.package]).toBe(rangeOfPackage(entry.package));
  });

  it('is installed as the oldest supported version for the driver contract', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as {
      devDependencies: Record<string, string>;
    };
    expect(Object.values(devDependencies)).toContain(`npm:${entry.package}@${rangeOf(entry)}`);
  });

  it('is a row of docs/compatibility.md', () =>
    expect(read('docs/compatibility.md')).toContain(
      `| \`${entry.package}\` (${entry.usedBy}) | \`${rangeOf(entry)}\` |`,
    ));

  it('is named where an unsupported version is explained', () =>
    expect(read('docs/troubleshooting.md')).toContain(
      `${entry.package}@${rangeOf(entry)} (${entry.usedBy})`,
    ));
});
