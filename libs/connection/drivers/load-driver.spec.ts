import { createRequire } from 'node:module';

import { describe, expect, it } from 'vitest';

import type { DriverName } from './driver.js';
import { type DriverModules, importDriver } from './import-driver.js';
import { loadDriver } from './load-driver.js';

const load = createRequire(import.meta.url);

/** Imports the real modules, but with something changed. */
const changed =
  (name: DriverName, change: (modules: DriverModules) => Partial<DriverModules>) => async () => {
    const modules = await importDriver[name]();
    return { ...modules, ...change(modules) };
  };

describe('loading a driver', () => {
  it.each(['nats', '@nats-io/transport-node'] as const)('gives %s with its version', async (name) => {
    const { version } = load(`${name}/package.json`) as { version: string };
    await expect(loadDriver(name)).resolves.toMatchObject({ name, version, main: load(name) as object });
  });

  it.each([
    ['nats', '2.17.0'],
    ['nats', '3.0.0'],
    ['@nats-io/transport-node', '4.0.0'],
    ['@nats-io/transport-node', '2.9.9'],
  ] as const)('refuses %s %s and names what is supported', async (name, version) => {
    class NodeTransport {
      readonly version = version;
    }
    const modules = changed(name, ({ transport }) => ({ transport: { ...transport, NodeTransport } }));
    const supported = 'Supported are nats@^2.18.0 (NestJS 11) and @nats-io/transport-node@^3.0.0 (NestJS 12)';
    await expect(loadDriver(name, modules)).rejects.toThrow(
      `${name}@${version} is not supported. ${supported}`,
    );
  });

  it('whose internals have another shape says what is missing', async () => {
    class ProtocolHandler {}
    const modules = changed('nats', ({ core }) => ({
      core: { ...core, ProtocolHandler, setTransportFactory: 1 },
    }));
    await expect(loadDriver('nats', modules)).rejects.toMatchObject({
      code: 'DRIVER_UNSUPPORTED',
      message: expect.stringMatching(
        /lacks ProtocolHandler\.prepare, .*, setTransportFactory, which this library/,
      ) as string,
    });
  });
});
