import { createRequire } from 'node:module';

import { describe, expect, it } from 'vitest';

import { loadDriver, type LoadModule } from './load-driver.js';

const real = createRequire(import.meta.url);

/** Loads the real package, but with something changed. */
function changed(changes: Record<string, object | undefined>): LoadModule {
  return (specifier) => {
    if (!(specifier in changes)) return real(specifier) as unknown;
    const change = changes[specifier];
    if (!change) throw new Error(`Cannot find module '${specifier}'`);
    return { ...(real(specifier) as object), ...change };
  };
}

describe('loading a driver', () => {
  it.each(['nats', '@nats-io/transport-node'] as const)('gives %s with its version', (name) => {
    const { version } = real(`${name}/package.json`) as { version: string };
    expect(loadDriver(name)).toMatchObject({ name, version });
  });

  it('that is not installed names the package and the version to install', () => {
    const load = changed({ 'nats/package.json': undefined });
    expect(() => loadDriver('nats', load)).toThrow(
      /'nats' is not installed: run `npm install nats@\^2\.18\.0`/,
    );
    expect(() => loadDriver('nats', load)).toThrow(expect.objectContaining({ code: 'DRIVER_MISSING' }));
  });

  it.each([
    ['nats', '2.17.0'],
    ['nats', '3.0.0'],
    ['@nats-io/transport-node', '4.0.0'],
    ['@nats-io/transport-node', '2.9.9'],
  ] as const)('refuses %s %s and names what is supported', (name, version) => {
    const load = changed({ [`${name}/package.json`]: { version } });
    const supported = 'Supported are nats@^2.18.0 (NestJS 11) and @nats-io/transport-node@^3.0.0 (NestJS 12)';
    expect(() => loadDriver(name, load)).toThrow(`${name}@${version} is not supported. ${supported}`);
  });

  it('whose internals have another shape says what is missing', () => {
    class ProtocolHandler {}
    const load = changed({
      'nats/lib/nats-base-client/internal_mod': { ProtocolHandler, setTransportFactory: 1 },
    });
    expect(() => loadDriver('nats', load)).toThrow(
      /lacks ProtocolHandler\.prepare, .*, setTransportFactory, which this library/,
    );
    expect(() => loadDriver('nats', load)).toThrow(expect.objectContaining({ code: 'DRIVER_UNSUPPORTED' }));
  });
});
