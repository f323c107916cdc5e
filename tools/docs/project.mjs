// What the tools of this folder share: the documents, the compiler's options, and how a failure is shown.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The entry points of the package: what its users import, and where its source is. */
export const ENTRY_POINTS = {
  'nestjs-nats-auth': 'src/index.ts',
  'nestjs-nats-auth/providers': 'libs/providers/index.ts',
  'nestjs-nats-auth/callout': 'src/callout/index.ts',
  'nestjs-nats-auth/testing': 'libs/testing/index.ts',
};

/** Folders that hold documents for users, beside those at the root. */
const FOLDERS = ['docs', 'examples', 'sample-app'];

/** Every Markdown document whose reader is a user, as a path from the root. */
export function documents() {
  const atRoot = readdirSync(root).filter((name) => name.endsWith('.md'));
  return [...atRoot, ...FOLDERS.flatMap(documentsIn)].sort();
}

function documentsIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return isGenerated(path) ? [] : documentsIn(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

/** Installed or made, and perhaps being written just now. */
function isGenerated(path) {
  return /(^|\/)(node_modules|dist|\.[^/]+)$|^docs\/api$/.test(path);
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
