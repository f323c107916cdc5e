// Writes docs/configuration.md from the types of the options, their comments, and the list of environment variables.
// An option without a description is an error: say in its comment what it does and what its default is.
import { join } from 'node:path';

import ts from 'typescript';

import { NATS_JS_OPTIONS, NESTS_OPTIONS, REFUSED_OPTIONS, UNREAD_OPTIONS } from './connection-options.mjs';
import { compilerOptions, fail, root, writeOrCheck } from './project.mjs';

const FILES = {
  options: 'src/module/nats-auth-options.ts',
  registration: 'src/module/nats-auth.module.ts',
  connection: 'libs/connection/options.ts',
  variables: 'src/config/variables.ts',
  calloutRegistration: 'src/callout/module/callout-options.ts',
  callout: 'libs/callout/options.ts',
};

const program = ts.createProgram(
  Object.values(FILES).map((path) => join(root, path)),
  compilerOptions(),
);
const checker = program.getTypeChecker();

writeOrCheck('docs/configuration.md', page(), 'npm run docs');

function page() {
  const registration = interfaceOf(FILES.registration, 'NatsAuthRegistrationOptions').getProperties();
  const imports = interfaceOf(FILES.registration, 'NatsAuthModuleOptions').getProperty('imports');
  const options = interfaceOf(FILES.options, 'NatsAuthOptions').getProperties();
  return `${[
    '# Configuration',
    '<!-- Made by `npm run docs` out of the types of the options: change their comments, not this file. -->',
    'The options of `NatsAuthModule.forRoot()`, and what the factory of `forRootAsync()` returns. All durations are in ms. The' +
      '\n[guide](guide.md#options) shows them in one example.',
    'Options are checked when the application starts. A value that is not accepted, or a name that is unknown, is an' +
      '\n`OptionsInvalidError` that names the option. In `connection` unknown names are let through to nats.js.',
    `[The registration](#the-registration) · ${options.map(({ name }) => `[\`${name}\`](#${name})`).join(' · ')} · [a callout](#a-callout) · [environment variables](#environment-variables)`,
    '## The registration',
    'These stand beside the options in `forRoot()` and beside the factory in `forRootAsync()`.',
    table(rowsOf([...registration, imports], '')),
    ...options.flatMap(sectionOf),
    ...calloutSections(),
    '## Environment variables',
    'What `natsAuthConfig` reads. A variable that is not set, or empty, leaves the default.',
    variableTable(),
  ].join('\n\n')}\n`;
}

function sectionOf(option) {
  const head = [`## \`${option.name}\``, descriptionOf(option)];
  const type = typeTextOf(option);
  if (/\b(false|boolean)\b/.test(type)) head.push(`The value is \`${type.replaceAll('\\|', '|')}\`.`);
  if (option.name === 'connection') return [...head, connectionTables()].flat();
  return [...head, table(rowsOf(membersOf(option), `${option.name}.`))];
}

function calloutSections() {
  const registration = interfaceOf(FILES.calloutRegistration, 'NatsAuthCalloutRegistrationOptions');
  const imports = interfaceOf(FILES.calloutRegistration, 'NatsAuthCalloutModuleOptions').getProperty(
    'imports',
  );
  return [
    '## A callout',
    '`NatsAuthCalloutModule.forRoot()` of `nestjs-nats-auth/callout` takes the options above, for its own connection, and `callout`. These stand beside' +
      '\nthem:',
    table(rowsOf([...registration.getProperties(), imports], '')),
    '## `callout`',
    table(rowsOf(interfaceOf(FILES.callout, 'CalloutOptions').getProperties(), 'callout.')),
  ];
}

/** A row for each option; after one that is an object, the rows of what is in it. */
function rowsOf(properties, prefix) {
  return properties.flatMap((property) => {
    const name = prefix + property.name;
    return [
      [`\`${name}\``, `\`${typeTextOf(property)}\``, descriptionOf(property, name)],
      ...rowsOf(membersOf(property), `${name}.`),
    ];
  });
}

function connectionTables() {
  const ours = interfaceOf(FILES.connection, 'ConnectionOptions').getProperties();
  const nests = new Map(
    membersOf(interfaceOf(FILES.options, 'NatsAuthOptions').getProperty('connection'), true).map(
      (property) => [property.name, property],
    ),
  );
  const isOurs = (name) => ours.some((property) => property.name === name);
  const rest = [...nests.keys()].filter((name) => !isOurs(name));
  const described = { ...NESTS_OPTIONS, ...NATS_JS_OPTIONS };
  const others = [...REFUSED_OPTIONS, ...UNREAD_OPTIONS];
  const unknown = rest.filter((name) => !(name in described) && !others.includes(name));
  const names = (list) => list.map((name) => `\`${name}\``).join(', ');
  if (unknown.length > 0) fail(`tools/docs/connection-options.mjs does not describe ${unknown.join(', ')}.`);
  const rows = (descriptions) =>
    Object.entries(descriptions)
      .filter(([name]) => !isOurs(name))
      .map(([name, text]) => {
        if (!nests.has(name))
          fail(`NestJS has no option '${name}' any more: tools/docs/connection-options.mjs.`);
        return [`\`connection.${name}\``, `\`${typeTextOf(nests.get(name))}\``, text];
      });
  return [
    'What this package reads or has another default for:',
    table(rowsOf(ours, 'connection.')),
    'What NestJS reads:',
    table(rows(NESTS_OPTIONS)),
    'What is passed on to nats.js, as is every option that is not in these tables:',
    table(rows(NATS_JS_OPTIONS)),
    `Refused at start, because credentials come from the provider: ${names(REFUSED_OPTIONS)}.`,
    `In the types of NestJS, but not read by the supported versions of nats.js: ${names(UNREAD_OPTIONS)}.`,
  ];
}

function variableTable() {
  const source = program.getSourceFile(join(root, FILES.variables));
  const rows = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'variable') {
      const [name, option, , accepts] = node.arguments;
      rows.push([`\`${name.text}\``, `\`${option.text}\``, accepts.text]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return table(rows, ['variable', 'option', 'accepts']);
}

function interfaceOf(path, name) {
  const file = program.getSourceFile(join(root, path));
  const node = file.statements.find((statement) => statement.name?.text === name);
  if (!node) fail(`${path} has no type '${name}'.`);
  return checker.getTypeAtLocation(node);
}

/** The properties of an option that is a plain object of ours; an option without them is a leaf. */
function membersOf(property, anyones = false) {
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
  const parts = (type.isUnion() ? type.types : [type]).filter((part) => part.flags & ts.TypeFlags.Object);
  const isOurs = (part) => {
    const [declaration] = part.symbol?.declarations ?? [];
    return (
      declaration &&
      ts.isInterfaceDeclaration(declaration) &&
      declaration.members.every(ts.isPropertySignature) &&
      isInRepository(declaration)
    );
  };
  return parts.filter((part) => anyones || isOurs(part)).flatMap((part) => checker.getPropertiesOfType(part));
}

function isInRepository(node) {
  const path = node.getSourceFile().fileName;
  return path.startsWith(root) && !path.includes('/node_modules/');
}

function typeTextOf(property) {
  const [declaration] = property.declarations ?? [];
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
  if (type.isUnion() && type.types.every((part) => part.isStringLiteral()))
    return type.types.map(({ value }) => `'${value}'`).join(' \\| ');
  return (declaration?.type?.getText() ?? 'unknown').replace(/\s+/g, ' ').replaceAll('|', '\\|');
}

function descriptionOf(property, name = property.name) {
  const text = ts.displayPartsToString(property.getDocumentationComment(checker));
  if (!text) fail(`The option '${name}' has no comment: say what it does, and its default.`);
  const required = property.flags & ts.SymbolFlags.Optional ? '' : 'Required. ';
  return required + text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
}

function table(rows, head = ['option', 'type', 'what it does']) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
