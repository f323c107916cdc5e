// Writes docs/api.snapshot.txt: every name that the entry points export, with its declaration as the compiler emits it, so
// that a change to the public API shows in a diff. Fails when an exported type names one that is not exported.
import { join } from 'node:path';

import ts from 'typescript';

import { compilerOptions, ENTRY_POINTS, fail, formatDiagnostics, root, writeOrCheck } from './project.mjs';

const declarations = emitDeclarations();
const program = ts.createProgram([...declarations.keys()], compilerOptions(), hostOf(declarations));
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });
const seen = new Set();

const sections = Object.entries(ENTRY_POINTS).map(([name, source]) => {
  const file = program.getSourceFile(join(root, source.replace(/\.ts$/, '.d.ts')));
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(file)).map(original);
  return section(name, symbols);
});
const leaks = referenced([...seen]).map(({ name }) => name);
if (leaks.length > 0)
  fail(
    `Exported types name these, which are not exported: ${leaks.join(', ')}. Export them, or write them out.`,
  );
const undocumented = [...seen].flatMap(withoutComment);
if (undocumented.length > 0)
  fail(`These are exported without a comment that says what they are: ${undocumented.join(', ')}.`);
writeOrCheck('docs/api.snapshot.txt', `${sections.join('\n\n')}\n`, 'npm run docs');

/** The `.d.ts` files of the entry points and of what they import, without what is `@internal`. */
function emitDeclarations() {
  const options = { ...compilerOptions(), emitDeclarationOnly: true, stripInternal: true, sourceMap: false };
  const entries = Object.values(ENTRY_POINTS).map((path) => join(root, path));
  const program = ts.createProgram(entries, { ...options, outDir: undefined });
  const written = new Map();
  const { diagnostics } = program.emit(undefined, (path, text) => written.set(path, text));
  if (diagnostics.length > 0) fail(formatDiagnostics(diagnostics));
  return written;
}

/** A compiler host that sees the emitted declarations in the place of the source. */
function hostOf(files) {
  const host = ts.createCompilerHost(compilerOptions());
  const { fileExists, readFile } = host;
  const isSource = (path) => files.has(path.replace(/\.ts$/, '.d.ts'));
  host.fileExists = (path) => files.has(path) || (!isSource(path) && fileExists(path));
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, target) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, target, true);
  };
  return host;
}

function original(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function section(title, symbols) {
  const texts = symbols.sort((a, b) => (a.name < b.name ? -1 : 1)).map(textOf);
  return `# ${title}\n\n${texts.join('\n\n')}`;
}

function textOf(symbol) {
  seen.add(symbol);
  return symbol.declarations
    .map((declaration) => {
      const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
      const text = printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
      return text.replace(/^ +(#private|private .*);\n/gm, '');
    })
    .join('\n');
}

/** The names of what has no comment: the symbol, and each public member that no base has; nor is `name` of an error. */
function withoutComment(symbol) {
  const commented = (one) => ts.displayPartsToString(one.getDocumentationComment(checker)) !== '';
  const members = [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])];
  const inherited = (checker.getDeclaredTypeOfSymbol(symbol).getBaseTypes?.() ?? []).flatMap((base) =>
    base.getProperties().map(({ name }) => name),
  );
  const isShown = (member) =>
    /^[a-zA-Z]\w*$/.test(member.name) &&
    !['prototype', 'name'].includes(member.name) &&
    !inherited.includes(member.name) &&
    member.declarations.every((declaration) => {
      const flags = ts.getCombinedModifierFlags(declaration);
      const { kind } = declaration;
      return (
        !(flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) &&
        kind !== ts.SyntaxKind.TypeParameter
      );
    });
  return [
    ...(commented(symbol) ? [] : [symbol.name]),
    ...members
      .filter((member) => isShown(member) && !commented(member))
      .map((member) => `${symbol.name}.${member.name}`),
  ];
}

/** What `symbols` name that is ours, and what that names in its turn. */
function referenced(symbols) {
  const found = new Set();
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      const target = symbol && original(symbol);
      const [declaration] = target?.declarations ?? [];
      const isOurs = declaration && declarations.has(declaration.getSourceFile().fileName);
      if (isOurs && ts.isSourceFile(declaration.parent) && !seen.has(target) && !found.has(target)) {
        found.add(target);
        visit(declaration);
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const symbol of symbols) for (const declaration of symbol.declarations) visit(declaration);
  return [...found];
}
