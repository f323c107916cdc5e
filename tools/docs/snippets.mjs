// Type-checks every TypeScript block of the documentation against the source of this package.
//
// A block is a module. `snippets/prelude.ts` has the imports that it may leave out, `snippets/ambient.d.ts` what it takes
// for granted of the reader's application. A fragment has a marker on the line before its fence:
//
//   <!-- snippet: property -->  properties of the options of `NatsAuthModule.forRoot()`
//   <!-- snippet: callout -->   properties of the options of `NatsAuthCalloutModule.forRoot()`
//   <!-- snippet: body -->      the body of a function
//   <!-- snippet: skip … -->    not checked; the reason stands in the place of the dots
//
// A block that begins with its name, as in `// app.module.ts`, can be imported by others of its document.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { compilerOptions, documents, fail, formatDiagnostics, root } from './project.mjs';

const WRAPPERS = {
  none: ['', ''],
  property: ['const fragment: Partial<import("nestjs-nats-auth").NatsAuthModuleOptions> = {', '};'],
  callout: [
    'const fragment: Partial<import("nestjs-nats-auth/callout").NatsAuthCalloutModuleOptions> = {',
    '};',
  ],
  body: ['async function fragment() {', '}'],
};

const folder = join(root, 'tools/docs/snippets');
const prelude = parse('prelude.ts', readFileSync(join(folder, 'prelude.ts'), 'utf8'));
const blocks = documents().flatMap(blocksOf);
const [skipped, checked] = [true, false].map((skip) => blocks.filter((block) => isSkipped(block) === skip));
const modules = new Map(checked.map((block) => [pathOf(block), moduleOf(block)]));

const problems = check();
if (problems.length > 0) fail(problems.join('\n'));
console.log(`${checked.length} code blocks compile, ${skipped.length} are skipped.`);
for (const { document, line, marker } of skipped) console.log(`${document}:${line}: ${marker}`);

/** The blocks of a document; `line` is that of the fence, counted from 1. */
function blocksOf(document) {
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  const found = [];
  for (let line = 1; line <= lines.length; line++) {
    const [, indent] = /^( *)```(?:ts|typescript)\b/.exec(lines[line - 1]) ?? [];
    if (indent === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, line);
    const [, marker = 'none'] = /<!-- snippet: (.+) -->/.exec(lines[line - 2] ?? '') ?? [];
    found.push({ document, line, marker, text: lines.slice(line, end).join('\n') });
    line = end + 1;
  }
  return found;
}

function isSkipped({ document, line, marker }) {
  if (Object.hasOwn(WRAPPERS, marker)) return false;
  if (!/^skip .{10,}/.test(marker))
    fail(
      `${document}:${line}: the marker '${marker}' is none of ${Object.keys(WRAPPERS)}, skip and a reason.`,
    );
  return true;
}

function pathOf({ document, line, text }) {
  const [, name = `${line}.ts`] = /^\/\/ ([\w.-]+\.ts)$/m.exec(text.split('\n', 1)[0]) ?? [];
  return join(root, `${document}.blocks`, name);
}

/** Whatever is put before a block is one line, so that line n of the module is line n of the block's fence. */
function moduleOf({ text, marker }) {
  const [before, after] = WRAPPERS[marker];
  return `${importsFor(text)} export {}; ${before}\n${text}\n${after}`;
}

/** The prelude without the names that the block imports or declares itself. */
function importsFor(text) {
  const own = namesIn(parse('block.ts', text));
  return prelude.statements
    .filter(ts.isImportDeclaration)
    .map(({ importClause, moduleSpecifier }) => {
      const names = importClause.namedBindings.elements.filter(({ name }) => !own.has(name.text));
      return `import { ${names.map((name) => name.getText(prelude)).join(', ')} } from ${moduleSpecifier.getText(prelude)};`;
    })
    .join(' ');
}

function namesIn(file) {
  const names = new Set();
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement))
      for (const { name } of statement.importClause?.namedBindings?.elements ?? []) names.add(name.text);
    else if (ts.isVariableStatement(statement))
      for (const { name } of statement.declarationList.declarations) names.add(name.text);
    else if (statement.name) names.add(statement.name.text);
  }
  return names;
}

function check() {
  const options = {
    ...compilerOptions(),
    noEmit: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
    allowUnusedLabels: false,
    // A reader's compiler need not be told these.
    isolatedModules: false,
    verbatimModuleSyntax: false,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, directoryExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => modules.has(path) || fileExists(path);
  host.directoryExists = (path) => path.endsWith('.md.blocks') || directoryExists(path);
  host.readFile = (path) => modules.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) =>
    modules.has(path)
      ? ts.createSourceFile(path, modules.get(path), target, true)
      : getSourceFile(path, target, ...rest);
  const extra = ['ambient.d.ts', 'prelude.ts'].map((name) => join(folder, name));
  const program = ts.createProgram([...extra, ...modules.keys()], options, host);
  return extra
    .concat([...modules.keys()])
    .flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)))
    .map(describe);
}

/** A diagnostic at its place in the document. */
function describe(diagnostic) {
  const { file, start, messageText } = diagnostic;
  const block = checked.find((one) => pathOf(one) === file?.fileName);
  if (!block) return formatDiagnostics([diagnostic]);
  const line = block.line + file.getLineAndCharacterOfPosition(start).line;
  return `${block.document}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}

function parse(name, text) {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
}
