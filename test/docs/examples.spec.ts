import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');
const manifest = (folder: string) => JSON.parse(read(folder, 'package.json')) as Manifest;
const { EXAMPLES } = (await import(join(root, 'tools/examples/examples.mjs'))) as {
  EXAMPLES: readonly string[];
};
const { difference } = (await import(join(root, 'tools/examples/expected-output.mjs'))) as {
  difference: (readme: string, output: string) => string | undefined;
};

const packagesOf = ({ dependencies, devDependencies }: Manifest) =>
  Object.keys({ ...dependencies, ...devDependencies });

/** What the sources import by the name of a package. */
function imported(example: string): string[] {
  const files = readdirSync(join(root, 'examples', example, 'src'), { recursive: true, encoding: 'utf8' });
  const specifiers = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...read('examples', example, 'src', file).matchAll(/from '([^'.][^']*)'/g)].map(
        ([, name]) => name ?? '',
      ),
    )
    .filter((name) => !name.startsWith('node:'));
  const name = /^(@[^/]+\/)?[^/]+/;
  return [...new Set(specifiers.map((specifier) => name.exec(specifier)?.[0] ?? specifier))];
}

describe('the list of examples', () => {
  it('has each of them', () => {
    const listed = [...read('examples/README.md').matchAll(/^\| \[[^\]]+\]\(([^)]+)\)/gm)].map(
      ([, path]) => path,
    );
    expect(listed).toEqual(EXAMPLES);
  });

  it('is linked from the README and from the list of pages', () => {
    expect(read('README.md')).toContain('](examples/README.md)');
    expect(read('docs/README.md')).toContain('](../examples/README.md)');
  });
});

describe.each(EXAMPLES)('the example %s', (example) => {
  it('names each package that it imports, in a version that the suite has', () => {
    const own = packagesOf(manifest(`examples/${example}`));
    expect(own).toEqual(expect.arrayContaining(imported(example)));
    const installed = [...packagesOf(manifest('test/examples/nest-12')), 'nestjs-nats-auth'];
    expect(installed).toEqual(expect.arrayContaining(own));
  });

  it('has a README with the command, the output, and a page to read on', () => {
    const readme = read('examples', example, 'README.md');
    expect(readme).toContain('npm install && npm start');
    expect(readme).toMatch(/^```text\n/m);
    expect(readme).toMatch(/^More: .*\]\(\.\.\/\.\.\/docs\//m);
  });
});

describe('what an example prints', () => {
  const readme = 'Words\n\n```text\nfirst\nafter 3 ms\n…\nlast\n```\n';

  it('is compared without times, ports and lines of the log that the README leaves out', () => {
    const log = '[Nest] 17  - 11/27/2026, 2:10:26 PM    WARN [NatsAuth] retrying';
    expect(difference(readme, `first\n${log}\n\nafter 12.5 ms\nanything\nat all\nlast\n`)).toBeUndefined();
  });

  it('is quoted where it first differs', () => {
    expect(difference(readme, 'first\nother\n')).toBe("printed 'other', where the README has 'after TIME'");
    expect(difference(readme, 'first\nafter 1 ms\nanything\n')).toBe(
      "printed nothing more, where the README has 'last'",
    );
    expect(difference(readme, 'first\nafter 1 ms\nlast\nmore\n')).toBe(
      "printed 'more', where the output in the README ends",
    );
  });
});
