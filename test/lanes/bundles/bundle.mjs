// Builds the compiled application in each way that the lane runs it.
import { rspack } from '@rspack/core';
import { transform } from '@swc/core';
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import webpack from 'webpack';
import nodeExternals from 'webpack-node-externals';

const outdir = new URL('dist', import.meta.url).pathname;
const entry = `${outdir}/main.js`;
const commonJsEntry = `${outdir}/swc.cjs`;
const { resolve } = createRequire(import.meta.url);

/** What NestJS imports if it is there. Bundlers want to be told, as the Nest CLI tells webpack. */
const notInstalled = [
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  '@nestjs/websockets/socket-module',
  '@nestjs/websockets/socket-module.js',
  'amqp-connection-manager',
  'amqplib',
  'cache-manager',
  'class-transformer',
  'class-transformer/storage',
  'class-validator',
  'ioredis',
  'kafkajs',
  'mqtt',
].filter((name) => {
  try {
    return !resolve(name);
  } catch {
    return true;
  }
});

/** Of CommonJS modules, which drivers and NestJS 11 are, an ES module needs a `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

const esbuild = (format, outfile, more) =>
  build({
    entryPoints: [entry],
    outfile: `${outdir}/${outfile}`,
    bundle: true,
    minify: true,
    platform: 'node',
    format,
    external: notInstalled,
    logLevel: 'error',
    ...more,
  });

/** NestJS 11 requires this for one of its validators; rspack cannot. */
const NEVER_USED = ['file-type'];

const packed = (bundler, folder, filename, more) =>
  new Promise((done, failed) => {
    const ignored = [...notInstalled, ...NEVER_USED];
    const plugins = [new bundler.IgnorePlugin({ checkResource: (resource) => ignored.includes(resource) })];
    const output = { path: `${outdir}/${folder}`, filename, ...more.output };
    const config = { mode: 'production', target: 'node', entry, plugins, ...more, output };
    bundler(config, (error, stats) =>
      error || stats.hasErrors() ? failed(error ?? new Error(stats.toString('errors-only'))) : done(),
    );
  });

/** As `nest build --webpack` does: what is in node_modules stays there. */
const EXTERNALS = {
  externalsPresets: { node: true },
  externals: [nodeExternals({ importType: 'module' })],
  experiments: { outputModule: true },
  output: { module: true, chunkFormat: 'module' },
};

/** As `nest build --builder swc` does: file by file. */
async function swc(outfile) {
  const source = readFileSync(new URL('app/main.ts', import.meta.url), 'utf8');
  const { code } = await transform(source, {
    filename: 'main.ts',
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  });
  writeFileSync(`${outdir}/${outfile}`, code);
}

await swc('swc.cjs');
await esbuild('esm', 'esbuild-esm/main.mjs', { banner: { js: REQUIRE } });
await esbuild('cjs', 'esbuild-cjs/main.cjs', {});
// With conditions of its own, esbuild has no `module`: all of it is the CommonJS build.
await esbuild('cjs', 'esbuild-cjs-only/main.cjs', { entryPoints: [commonJsEntry], conditions: ['node'] });
await packed(webpack, 'webpack', 'main.cjs', {});
await packed(webpack, 'webpack-externals', 'main.mjs', EXTERNALS);
// One file: what is imported when it is used would be in files of its own.
await packed(rspack, 'rspack', 'main.cjs', { output: { asyncChunks: false } });
