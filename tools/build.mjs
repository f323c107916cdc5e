// Builds dist/: each module that an entry point of package.json's `exports` reaches, as ESM, and as CommonJS in dist/cjs.
// The CommonJS modules are the compiled ESM ones in other module syntax, so the two cannot differ in anything else, and
// decorator metadata is the compiler's own in both. A new subpath needs nothing but its entry in `exports`.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const cjs = join(dist, 'cjs');

const program = createProgram();
const written = new Map();
const { diagnostics } = program.emit(undefined, (path, text) => {
  written.set(join(path), text);
  written.set(join(cjs, relative(dist, path)), path.endsWith('.js') ? toCommonJs(path, text) : text);
});
written.set(join(cjs, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
failOn([...ts.getPreEmitDiagnostics(program), ...diagnostics]);

// What is there stays until it is replaced: somebody may be running it.
for (const [path, text] of written) write(path, text);
for (const path of filesBelow(dist)) if (!written.has(path)) rmSync(path);

function createProgram() {
  const unrecoverable = (diagnostic) => failOn([diagnostic]);
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: unrecoverable };
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.build.json'), {}, host);
  return ts.createProgram(entryPoints(), config.options);
}

/** `./dist/src/index.js` is built from `src/index.ts`. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.values(exports)
    .filter((target) => typeof target === 'object')
    .map((target) => join(root, target.import.default.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts')));
}

function toCommonJs(path, esm) {
  // Inside of its `try`, where a bundler forgives that it is missing; the compiler would put a function around it.
  const text = esm.replaceAll("await import('", "await require('");
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(text, { fileName: path, compilerOptions });
  // Neither CommonJS nor a bundle has it.
  if (outputText.includes('import.meta')) throw new Error(`${path} uses import.meta.`);
  return outputText;
}

function write(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function failOn(diagnostics) {
  if (diagnostics.length === 0) return;
  const host = {
    getCurrentDirectory: () => root,
    getCanonicalFileName: (name) => name,
    getNewLine: () => '\n',
  };
  console.error(ts.formatDiagnostics(diagnostics, host).replaceAll(root, ''));
  process.exit(1);
}
