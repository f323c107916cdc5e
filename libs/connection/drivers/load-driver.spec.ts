import { createRequire } from 'node:module';

import { describe, expect, it } from 'vitest';

import { type DriverModules, type DriverName, DRIVERS, packageNamedIn } from './driver-list.js';
import { loadDriver } from './load-driver.js';

const load = createRequire(import.meta.url);

/** Imports the real modules, but with something changed. */
const changed =
  (name: DriverName, change: (modules: DriverModules) => Partial<DriverModules>) => async () => {
    const entry = DRIVERS.find((one) => one.package === name);
    if (!entry) throw new Error(`'${name}' is not listed.`);
    const modules = await entry.importModules();
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
    const modules = changed('nats', ({ core }) => ({ core: { ...core, setTransportFactory: 1 } }));
    await expect(loadDriver('nats', modules)).rejects.toMatchObject({
      code: 'DRIVER_UNSUPPORTED',
      message: expect.stringMatching(/lacks core\.setTransportFactory, which this library/) as string,
    });
  });

  it.each([
    ["require('nats')", 'nats'],
    ["require('@nats-io/transport-node')", '@nats-io/transport-node'],
    ['nothing of the kind', 'nats'],
  ])('takes of the source %s the package %s', (source, name) => expect(packageNamedIn(source)).toBe(name));

  it('of a package that is supported in two majors goes by the one that is installed', async () => {
    const [, three] = DRIVERS;
    if (!three) throw new Error('There is no second driver.');
    const four = { ...three, from: [4, 1] as const, usedBy: 'NestJS 13', quirks: { ...three.quirks } };
    const installed = async (version: string) => {
      const modules = await three.importModules();
      const { NodeTransport } = modules.transport as { NodeTransport: new () => object };
      const Installed = class extends NodeTransport {
        version = version;
      };
      const transport = { ...modules.transport, NodeTransport: Installed };
      return loadDriver(three.package, () => Promise.resolve({ ...modules, transport }), [three, four]);
    };
    expect((await installed('3.9.0')).quirks).toBe(three.quirks);
    expect((await installed('4.1.0')).quirks).toBe(four.quirks);
    await expect(installed('4.0.9')).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
  });
});
