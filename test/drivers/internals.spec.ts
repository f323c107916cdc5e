import { describe, expect, it } from 'vitest';

import { type DriverModules, loadDriver } from '../../libs/connection/index.js';
import { MEMBERS } from '../../libs/connection/drivers/members.js';
import { DRIVERS, type TestedDriver } from './drivers.js';
import { importModules } from './import-modules.mjs';

type Class = new (...args: unknown[]) => object;
type Part = keyof typeof MEMBERS;
type Parts = Readonly<Record<string, Class>>;

/** As a driver that lacks a member of what it makes: hides it on each instance, so that the class stays as it is. */
function without(Made: Class, find: (made: object) => object | undefined, member: string): Class {
  return class extends Made {
    constructor(...args: unknown[]) {
      super(...args);
      hide(find(this), member);
    }
    /** What is there only after it. */
    prepare(): unknown {
      const pong = (Made.prototype as { prepare(): unknown }).prepare.call(this);
      hide(find(this), member);
      return pong;
    }
  };
}

function hide(from: object | undefined, member: string): void {
  if (from) Object.defineProperty(from, member, { value: undefined, configurable: true, writable: true });
}

/** The modules of a driver without one member of one part. */
function lacking(modules: DriverModules, part: Part, member: string): DriverModules {
  const core = { ...modules.core } as Parts;
  const node = { ...modules.transport } as Parts;
  const path =
    (...names: string[]) =>
    (made: object) =>
      names.reduce<object | undefined>(
        (at, name) => at && (Reflect.get(at, name) as object | undefined),
        made,
      );
  const firstServer = (made: object) =>
    (path('servers')(made) as { getServers(): object[] } | undefined)?.getServers()[0];
  const handlerWithout = (find: (made: object) => object | undefined) => ({
    ...core,
    ProtocolHandler: without(core['ProtocolHandler'] as Class, find, member),
  });
  const nkeys = core['nkeys'] as unknown as { createUser(): object };
  const inCore: Partial<Record<Part, () => object>> = {
    core: () => ({ ...core, [member]: undefined }),
    nkeys: () => ({ ...core, nkeys: { ...nkeys, [member]: undefined } }),
    keyPair: () => ({
      ...core,
      nkeys: {
        ...nkeys,
        createUser: () => {
          const pair = nkeys.createUser();
          hide(pair, member);
          return pair;
        },
      },
    }),
    connection: () => ({
      ...core,
      NatsConnectionImpl: without(core['NatsConnectionImpl'] as Class, (made) => made, member),
    }),
    subscription: () => ({
      ...core,
      SubscriptionImpl: without(core['SubscriptionImpl'] as Class, (made) => made, member),
    }),
    handler: () => handlerWithout((made) => made),
    servers: () => handlerWithout(path('servers')),
    server: () => handlerWithout(firstServer),
    subscriptions: () => handlerWithout(path('subscriptions')),
    requests: () => handlerWithout(path('muxSubscriptions')),
    outbound: () => handlerWithout(path('outbound')),
    parser: () => handlerWithout(path('parser')),
  };
  const changed = inCore[part]?.() ?? core;
  const transport =
    part === 'node'
      ? { ...node, [member]: undefined }
      : part === 'transport'
        ? { ...node, NodeTransport: without(node['NodeTransport'] as Class, (made) => made, member) }
        : node;
  return { main: modules.main, core: changed, transport };
}

/** What is looked at when a driver is loaded: the rest is there once there is a server. */
function lookedAt({ driver }: TestedDriver): [Part, string][] {
  const { own } = driver.quirks;
  const has: readonly string[] = [...own.handler, ...own.connection];
  return Object.entries(MEMBERS).flatMap(([part, members]) =>
    Object.entries<string>(members)
      .filter(([member, kind]) => kind !== 'later' && (kind !== 'quirk' || has.includes(member)))
      .map(([member]): [Part, string] => [part as Part, member]),
  );
}

describe.each(DRIVERS)('$label', (tested) => {
  const { name } = tested.driver;
  const real = importModules(name, tested.packageName);

  it.each(lookedAt(tested))('without %s.%s is refused when it is loaded', async (part, member) => {
    const modules = await real();
    const loading = loadDriver(name, () => Promise.resolve(lacking(modules, part, member)));
    // Its version is not to be told without the transport.
    const problem =
      member === 'NodeTransport' ? 'is not supported' : `lacks ${part}.${member}, which this library`;
    await expect(loading).rejects.toThrow(problem);
    await expect(loading).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
    await expect(loadDriver(name, real)).resolves.toMatchObject({ name });
  });
});
