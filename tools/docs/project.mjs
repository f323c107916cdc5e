// What the tools of this folder share: the documents, the compiler's options, and how a failure is shown.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The entry points of the package: what its users import, and where its source is. */
export const ENTRY_POINTS = {
  'nestjs-nats-auth': 'src/index.ts',
  'nestjs-nats-auth/providers': 'libs/providers/index.ts',
  'nestjs-nats-auth/testing': 'libs/testing/index.ts',
};

/** Every Markdown document whose reader is a user, as a path from the root. */
export function documents() {
  const inFolder = (folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .filter((path) => !path.includes('node_modules/') && !path.startsWith('docs/api/'));
  const atRoot = readdirSync(root).filter((name) => name.endsWith('.md'));
  return [...atRoot, ...inFolder('docs'), ...inFolder('examples'), 'sample-app/README.md'].sort();
}

/** The options of tsconfig.json. */
export function compilerOptions() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root).options;
}

/**
 * Writes a file that is made from the source; with `--check`, fails when what is there is not that. `regenerate` is the
 * command that writes it.
 */
export function writeOrCheck(path, text, regenerate) {
  const file = join(root, path);
  if (!process.argv.includes('--check')) return writeFileSync(file, text);
  if (readOrEmpty(file) === text) return console.log(`${path} is up to date.`);
  fail(
    `${path} is out of date:\n${difference(readOrEmpty(file), text)}\nRun \`${regenerate}\` and commit it.`,
  );
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}

export function formatDiagnostics(diagnostics) {
  const shown = {
    getCurrentDirectory: () => root,
    getCanonicalFileName: (name) => name,
    getNewLine: () => '\n',
  };
  return ts.formatDiagnostics(diagnostics, shown);
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The lines that only one of two texts has. */
function difference(before, after) {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const only = (lines, others, sign) =>
    lines.filter((line) => !new Set(others).has(line)).map((line) => `${sign} ${line}`);
  return [...only(old, now, '-'), ...only(now, old, '+')].slice(0, 40).join('\n');
}
