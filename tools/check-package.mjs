// Checks the tarball as npm would publish it: that it is well-formed, that its types resolve under each module
// resolution, that its types need nothing a user may lack, and that it holds what users need and nothing else.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

import { relativeLinks } from './docs/relative-links.mjs';
import { pack } from './pack.mjs';
import { printTable } from './table.mjs';

/** Whose types ours may need: they are there whenever this package is. Optional peers are not among them. */
const TYPES_MAY_NEED = /^(@nestjs\/(common|core|microservices)|rxjs|node:[a-z_/]+)$/;
const FILES = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^dist\/(cjs\/)?(src|libs)\/.+\.(js|d\.ts)$/,
  /^dist\/cjs\/package\.json$/,
  /^ops\/(prometheus|grafana)\/nats-auth\.[a-z.]+$/,
  /^(CHANGELOG|CONTRIBUTING|SECURITY)\.md$/,
  /^(docs|examples|sample-app)\/([a-z0-9-]+\/)*[\w.-]+\.(md|svg|png)$/,
];
/** What a download may cost. */
const MAX_PACKED_KB = 900;
const NO_FILES = /\.(spec|test|fixture)\.|(^|\/)(test|bench)\//;

const root = fileURLToPath(new URL('..', import.meta.url));
const tarball = pack();
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const rows = [
  ...(await publintRows()),
  ...typeResolutionRows(),
  ...typeImportRows(),
  ...fileRows(),
  ...linkRows(),
  ...bothBuildsRows(),
];

printTable([['check', 'of', 'result'], ...rows]);
const failures = rows.filter(([, , result]) => !result.startsWith('ok')).length;
console.log(
  `\n${tarball.name}@${tarball.version}: ${rows.length - failures} of ${rows.length} checks passed`,
);
process.exitCode = failures === 0 ? 0 : 1;

async function publintRows() {
  const bytes = readFileSync(tarball.path);
  const { messages } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
  if (messages.length === 0) return [['publint', 'tarball', 'ok']];
  return messages.map((message) => [
    'publint',
    message.type,
    formatMessage(message, manifest) ?? message.code,
  ]);
}

/** What `attw` says: a row for each entry point and module resolution. */
function typeResolutionRows() {
  const cli = `${root}node_modules/@arethetypeswrong/cli/dist/index.js`;
  const { stdout, stderr } = spawnSync(process.execPath, [cli, tarball.path, '--format', 'json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!stdout) return [['types resolve', 'tarball', stderr]];
  const { analysis } = JSON.parse(stdout);
  return Object.entries(analysis.entrypoints).flatMap(([entry, { resolutions }]) =>
    Object.keys(resolutions).map((resolution) => {
      const concerns = (problem) =>
        (problem.entrypoint ?? entry) === entry && (problem.resolutionKind ?? resolution) === resolution;
      const kinds = analysis.problems.filter(concerns).map((problem) => problem.kind);
      return ['types resolve', `${entry} under ${resolution}`, kinds.join(', ') || 'ok'];
    }),
  );
}

/** Which packages the `.d.ts` files import. */
function typeImportRows() {
  const imports = new Set();
  for (const path of tarball.files.filter((path) => path.endsWith('.d.ts'))) {
    const text = readFileSync(`${root}${path}`, 'utf8');
    for (const [, specifier] of text.matchAll(/(?:\bfrom |\bimport\(|\bimport )['"]([^'".][^'"]*)['"]/g))
      imports.add(specifier);
  }
  return [...imports].sort().map((specifier) => {
    const allowed = TYPES_MAY_NEED.test(specifier);
    return ['types need', specifier, allowed ? 'ok' : 'not there in every app: describe the type in place'];
  });
}

/** Each file that users do not need is a row. */
function fileRows() {
  const unwanted = tarball.files.filter(
    (path) => NO_FILES.test(path) || !FILES.some((pattern) => pattern.test(path)),
  );
  const kilobytes = Math.round(tarball.size / 1024);
  const isSmall = kilobytes <= MAX_PACKED_KB;
  return [
    [
      'files',
      `${tarball.files.length} files, ${kilobytes} kB packed`,
      isSmall ? 'ok' : `more than ${MAX_PACKED_KB} kB`,
    ],
    ...unwanted.map((path) => ['files', path, 'not needed by users']),
  ];
}

/**
 * Links of the README lead to files of the tarball, and so do links of its documents to other documents and pictures. A link of these to the
 * source leads to the repository only.
 */
function linkRows() {
  const documents = tarball.files.filter((path) => path.endsWith('.md'));
  const broken = documents.flatMap((document) =>
    relativeLinks(readFileSync(`${root}${document}`, 'utf8'))
      .map((link) => link.split('#')[0])
      .filter((path) => path !== '' && (document === 'README.md' || /\.(md|svg|png)$/.test(path)))
      .map((path) => posix.join(posix.dirname(document), path))
      .filter((path) => !tarball.files.some((file) => file === path || file.startsWith(`${path}/`)))
      .map((path) => ['links', `${document} to ${path}`, 'not in the tarball']),
  );
  return broken.length > 0 ? broken : [['links', `of ${documents.length} documents`, 'ok']];
}

/**
 * A process has one instance of each entry point, whoever imports or requires it; and the build for what can require no ES module
 * (Jest, bundlers of old) exports the same names.
 */
function bothBuildsRows() {
  const entries = Object.entries(manifest.exports).filter(([entry]) => !entry.endsWith('.json'));
  return entries.flatMap(([entry, { require: build }]) => {
    const specifier = `${manifest.name}${entry.slice(1)}`;
    const [names, twice, inBuild] = printed(`
      import { createRequire } from 'node:module';
      const imported = await import('${specifier}');
      const required = createRequire('${root}')('${specifier}');
      const names = Object.keys(imported).sort();
      console.log(names.join());
      console.log(names.filter((name) => imported[name] !== required[name]).join());
      console.log(Object.keys(createRequire('${root}')('${build.default}')).sort().join());
    `).split('\n');
    return [
      [
        'import === require',
        entry,
        twice === '' ? `ok, ${names.split(',').length} exports` : `not: ${twice}`,
      ],
      ['CommonJS build', entry, inBuild === names ? 'ok' : 'exports other names'],
    ];
  });
}

/** What a script prints that is run in the package. */
function printed(script) {
  const args = ['--no-warnings', '--input-type=module', '-e', script];
  return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
}
