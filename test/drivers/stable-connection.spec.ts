import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { eventually, type NatsServer } from '../../libs/testing/index.js';
import { type JetStreamWork, workOn } from '../callout/jetstream-work.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { DRIVERS, type PlainConnection, type TestedDriver } from './drivers.js';
import { serverForTest, users } from './servers.js';
import { StablePeer, type StablePeerOptions, type TestedMessage } from './stable-peer.js';

const CONFIG = users({ app: 'secret', other: 'secret' });

async function connectPlain(tested: TestedDriver, server: NatsServer): Promise<PlainConnection> {
  const nc = await tested.plainConnect({ servers: server.url, user: 'other', pass: 'secret' });
  onTestFinished(() => nc.close());
  return nc;
}

async function start(tested: TestedDriver, options: Partial<StablePeerOptions> = {}, config = CONFIG) {
  const server = await serverForTest({ config });
  const peer = new StablePeer(tested, { ...options, options: { servers: server.url, ...options.options } });
  const nc = await peer.open();
  const plain = await connectPlain(tested, server);
  return { server, peer, nc, plain };
}

/** Collects the texts that an iterator yields. */
function collect(messages: AsyncIterable<TestedMessage>): { texts: string[]; ended: Promise<unknown> } {
  const texts: string[] = [];
  const read = async () => {
    for await (const message of messages) texts.push(message.string());
  };
  return { texts, ended: read().catch((error: unknown) => error) };
}

/** What an iterator yields, to its end. */
async function all<T>(iterator: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of iterator) found.push(one);
  return found;
}

/** As many as it yields first. */
async function first<T>(count: number, iterator: AsyncIterable<T> & { stop(): void }): Promise<T[]> {
  const found: T[] = [];
  for await (const one of iterator) if (found.push(one) === count) break;
  iterator.stop();
  return found;
}

const until = (what: string, check: () => boolean) =>
  eventually(check, { what, timeoutMs: 15_000, everyMs: 5 });

/** Does the same again and again, until as many rotations are over. */
async function whileRotating(peer: StablePeer, times: number, act: () => Promise<void>): Promise<void> {
  const over = { yet: false };
  const rotating = peer.rotate(times).finally(() => (over.yet = true));
  while (!over.yet) await act();
  await rotating;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

let user: string;
beforeEach(() => {
  user = 'app';
});

describe.each(DRIVERS)('a stable connection of $label', (tested) => {
  it('stays the same object, and moves to another connection at each rotation', async () => {
    const { peer, nc } = await start(tested);
    const clients = [nc.info?.client_id];
    for (let n = 0; n < 3; n++) {
      await peer.rotate();
      clients.push(nc.info?.client_id);
    }
    expect(new Set(clients).size).toBe(4);
    expect(peer.nc).toBe(nc);
    expect(nc.isClosed()).toBe(false);
    expect(await nc.rtt()).toBeGreaterThanOrEqual(0);
    expect(nc.getServer()).toContain(String(nc.info?.port));
  });

  it('gets each message once, through rotations, with and without a queue group', async () => {
    const { peer, nc, plain } = await start(tested);
    const alone = collect(nc.subscribe('data'));
    const twin = collect(nc.subscribe('data'));
    const grouped: string[] = [];
    nc.subscribe('data', { queue: 'workers', callback: (_error, message) => grouped.push(message.string()) });
    await nc.flush();
    let sent = 0;
    const timer = setInterval(() => {
      for (let n = 0; n < 10; n++) plain.publish('data', String(sent++));
    }, 1);
    onTestFinished(() => clearInterval(timer));
    await peer.rotate(8);
    clearInterval(timer);
    await plain.flush();
    const all = numbers(0, sent);
    const inOrder = (texts: string[]) => [...texts].sort((a, b) => Number(a) - Number(b));
    await until('all messages', () =>
      [alone.texts, twin.texts, grouped].every(({ length }) => length >= sent),
    );
    for (const texts of [alone.texts, twin.texts, grouped]) expect(inOrder(texts)).toEqual(all);
    expect(sent).toBeGreaterThan(100);
  });

  it('loses none of the messages to an inbox that are all alike, through rotations', async () => {
    const { peer, nc, plain } = await start(tested);
    let got = 0;
    nc.subscribe('_INBOX.ticks', { callback: () => got++ });
    await nc.flush();
    let sent = 0;
    const timer = setInterval(() => {
      for (let n = 0; n < 3; n++) plain.publish('_INBOX.ticks', 'tick');
      sent += 3;
    }, 1);
    onTestFinished(() => clearInterval(timer));
    await peer.rotate(8);
    clearInterval(timer);
    await plain.flush();
    await nc.flush();
    expect(got).toBeGreaterThanOrEqual(sent);
  });

  it('keeps the order of what is published, through rotations', async () => {
    const { peer, nc, plain } = await start(tested);
    const got: string[] = [];
    plain.subscribe('out', { callback: (_error, message) => got.push(message.string()) });
    await plain.flush();
    let sent = 0;
    const timer = setInterval(() => {
      for (let n = 0; n < 10; n++) nc.publish('out', String(sent++));
    }, 1);
    onTestFinished(() => clearInterval(timer));
    await peer.rotate(8);
    clearInterval(timer);
    await nc.flush();
    await until('all messages', () => got.length >= sent);
    expect(got).toEqual(numbers(0, sent));
  });

  it.each([
    ['that share an inbox', {}],
    ['that have one of their own', { noMux: true }],
  ])('answers requests %s, through rotations', async (_which, more) => {
    const { peer, nc, plain } = await start(tested);
    plain.subscribe('slow', {
      callback: (_error, message) => void setTimeout(() => message.respond('late'), 30),
    });
    await plain.flush();
    const pending = new Set<Promise<unknown>>();
    const outcomes: string[] = [];
    const ask = () => {
      const asked = nc.request('slow', '', { timeout: 5_000, ...more }).then(
        (reply) => outcomes.push(reply.string()),
        (error: unknown) => outcomes.push(String(error)),
      );
      pending.add(asked);
    };
    const timer = setInterval(ask, 2);
    onTestFinished(() => clearInterval(timer));
    await peer.rotate(8);
    clearInterval(timer);
    await Promise.all(pending);
    expect(new Set(outcomes)).toEqual(new Set(['late']));
    expect(outcomes.length).toBeGreaterThan(10);
  });

  it.each([
    ["under rotation.mode 'reconnect'", { rotation: { mode: 'reconnect' } } as const, CONFIG],
    ['where there is room for no other connection', {}, `max_connections: 2\n${CONFIG}`],
  ])('fails no request and loses nothing of what it publishes, %s', async (_where, options, config) => {
    const { peer, nc, plain } = await start(tested, options, config);
    const got: string[] = [];
    plain.subscribe('out', { callback: (_error, message) => got.push(message.string()) });
    plain.subscribe('ask', { callback: (_error, message) => void message.respond('answer') });
    await plain.flush();
    let sent = 0;
    const asked: Promise<string>[] = [];
    const timer = setInterval(() => {
      for (let n = 0; n < 10; n++) nc.publish('out', String(sent++));
      asked.push(nc.request('ask', '', { timeout: 5_000 }).then((reply) => reply.string()));
    }, 1);
    onTestFinished(() => clearInterval(timer));
    const client = nc.info?.client_id;
    await peer.rotate(4);
    clearInterval(timer);
    await nc.flush();
    expect(nc.info?.client_id).not.toBe(client);
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['answer']));
    await until('all messages', () => got.length >= sent);
    expect(got).toEqual(numbers(0, sent));
  });

  it('gets each of several answers once, and hears that nobody is there, through rotations', async () => {
    const { peer, nc, plain } = await start(tested);
    plain.subscribe('many', {
      callback: (_error, message) => {
        message.respond('same');
        setTimeout(() => message.respond('same'), 10);
        setTimeout(() => message.respond('same'), 20);
        setTimeout(() => message.respond('last'), 30);
      },
    });
    await plain.flush();
    await whileRotating(peer, 12, async () => {
      const four = { strategy: 'count', maxMessages: 4, maxWait: 15_000 };
      const { texts, ended } = collect(await nc.requestMany('many', '', four));
      await ended;
      expect(texts).toEqual(['same', 'same', 'same', 'last']);
      const nobody: unknown = await nc
        .request('nobody', '', { timeout: 5_000 })
        .catch((error: unknown) => error);
      expect(String(nobody)).toMatch(/no responders|503/i);
    });
  });

  it('ends a subscription after as many messages as it was to get, whichever connection they came on', async () => {
    const { peer, nc, plain } = await start(tested);
    const { texts, ended } = collect(nc.subscribe('counted', { max: 5 }));
    await nc.flush();
    for (const n of numbers(0, 3)) plain.publish('counted', n);
    await until('three messages', () => texts.length === 3);
    await peer.rotate();
    for (const n of numbers(3, 9)) plain.publish('counted', n);
    expect(await ended).toBeUndefined();
    expect(texts).toEqual(numbers(0, 5));
  });

  it('times out a subscription that gets nothing, through a rotation', async () => {
    const { peer, nc } = await start(tested);
    const { ended } = collect(nc.subscribe('silent', { timeout: 300 }));
    await peer.rotate();
    expect(String(await ended)).toMatch(/timeout/i);
  });

  it('keeps headers', async () => {
    const { peer, nc } = await start(tested);
    const { headers } = tested.driver.main as { headers: () => { set(name: string, value: string): void } };
    const got: string[] = [];
    nc.subscribe('headed', { callback: (_error, message) => got.push(message.headers?.get('tenant') ?? '') });
    await nc.flush();
    let sent = 0;
    await whileRotating(peer, 3, async () => {
      const given = headers();
      given.set('tenant', 'a');
      nc.publish('headed', 'x', { headers: given });
      sent++;
      await nc.flush();
    });
    await until('all messages', () => got.length === sent);
    expect(new Set(got)).toEqual(new Set(['a']));
  });

  it('goes on when a callback throws, and tells of it', async () => {
    const { peer, nc, plain } = await start(tested);
    const got: string[] = [];
    nc.subscribe('fragile', {
      callback: (_error, message) => {
        got.push(message.string());
        throw new Error('of the application');
      },
    });
    await nc.flush();
    plain.publish('fragile', '1');
    await until('the first', () => got.length === 1);
    await peer.rotate();
    plain.publish('fragile', '2');
    await until('the second', () => got.length === 2);
    expect(peer.failures).toMatchObject([{ subject: 'fragile' }, { subject: 'fragile' }]);
    expect(peer.failures[0]?.error.message).toBe('of the application');
  });

  it('counts what it has sent and received over all connections', async () => {
    const { peer, nc, plain } = await start(tested);
    const got: string[] = [];
    nc.subscribe('in', { callback: (_error, message) => got.push(message.string()) });
    await nc.flush();
    const play = async () => {
      nc.publish('out', '12345');
      await nc.flush();
      plain.publish('in', '123');
      await plain.flush();
    };
    await play();
    await peer.rotate();
    await play();
    await until('both', () => got.length === 2);
    expect(nc.stats()).toMatchObject({ inMsgs: 2, inBytes: 6, outMsgs: 2, outBytes: 10 });
  });

  it('unsubscribes, and drains a subscription, on all connections', async () => {
    const { peer, nc, plain, server } = await start(tested);
    const gone = nc.subscribe('gone', { callback: () => {} });
    const drained = nc.subscribe('drained');
    const { texts } = collect(drained);
    await nc.flush();
    plain.publish('drained', 'last');
    await plain.flush();
    const rotating = peer.rotate();
    gone.unsubscribe();
    await drained.drain();
    await rotating;
    expect(texts).toEqual(['last']);
    await peer.rotate();
    const connections = await server.connections();
    expect(connections.flatMap(({ subscriptions_list: subjects = [] }) => subjects)).toEqual([]);
    expect([gone.isClosed(), drained.isClosed()]).toEqual([true, true]);
  });

  it('refuses a subscription that it may not have, as nats.js does, and goes on', async () => {
    const server = await serverForTest({
      config: `authorization { users: [ { user: app, password: secret, permissions: { subscribe: { deny: [ "denied" ] }, publish: { deny: [ "unsaid" ] } } } ] }\n`,
    });
    const peer = new StablePeer(tested, { options: { servers: server.url } });
    const nc = await peer.open();
    const { ended } = collect(nc.subscribe('denied'));
    const { ended: grouped } = collect(nc.subscribe('denied', { queue: 'q' }));
    expect(String(await ended)).toMatch(/permissions violation/i);
    expect(String(await grouped)).toMatch(/permissions violation/i);
    const asked: unknown = await nc
      .request('unsaid', '', { timeout: 5_000 })
      .catch((error: unknown) => error);
    expect(String(asked)).toMatch(/permissions violation/i);
    const other = collect(nc.subscribe('allowed'));
    nc.publish('allowed', 'here');
    await until('the message', () => other.texts.length === 1);
    await peer.rotate();
    expect(nc.isClosed()).toBe(false);
  });

  it('keeps a subscription that the next user may not have, stays where it may, and hears of it again', async () => {
    const server = await serverForTest({
      config: `authorization { users: [ { user: app, password: secret }, { user: less, password: secret, permissions: { subscribe: { deny: [ "data" ] } } } ] }\n`,
    });
    const peer = new StablePeer(tested, {
      options: { servers: server.url },
      provide: () => ({ user, pass: 'secret' }),
    });
    const nc = await peer.open();
    const { texts } = collect(nc.subscribe('data'));
    await nc.flush();
    user = 'less';
    const before = nc.info?.client_id;
    await expect(peer.stable.rotating.rotate('manual')).rejects.toThrow(/may not subscribe to 'data'/);
    expect(nc.info?.client_id).toBe(before);
    nc.publish('data', 'still');
    await until('the message', () => texts.length === 1);
    user = 'app';
    await peer.rotate();
    nc.publish('data', 'moved');
    await until('the next', () => texts.length === 2);
    expect(texts).toEqual(['still', 'moved']);
  });

  it('loses nothing to a connection that does not take over in the end', async () => {
    const { peer, nc, plain } = await start(
      tested,
      { provide: () => ({ user, pass: 'secret' }) },
      `authorization { users: [ { user: app, password: secret }, { user: other, password: secret }, { user: less, password: secret, permissions: { subscribe: { deny: [ "denied" ] } } } ] }\n`,
    );
    const { texts } = collect(nc.subscribe('data'));
    nc.subscribe('denied', { callback: () => {} });
    await nc.flush();
    user = 'less';
    let sent = 0;
    const timer = setInterval(() => {
      for (let n = 0; n < 20; n++) plain.publish('data', String(sent++));
    }, 1);
    onTestFinished(() => clearInterval(timer));
    for (let n = 0; n < 6; n++) await expect(peer.rotate()).rejects.toThrow(/may not subscribe to 'denied'/);
    clearInterval(timer);
    await plain.flush();
    await until('all messages', () => texts.length >= sent);
    expect(texts.length).toBe(sent);
  });

  it.each(['close', 'drain'] as const)(
    'ends the role when the application calls %s(), and heals nothing',
    async (how) => {
      const { peer, nc, plain, server } = await start(tested);
      const { texts, ended } = collect(nc.subscribe('data'));
      const status = collect(nc.status() as never);
      const listened = new Promise((resolve) => nc.addCloseListener?.({ connectionClosedCallback: resolve }));
      await nc.flush();
      plain.publish('data', 'last');
      await plain.flush();
      await nc[how]();
      await ended;
      if (how === 'drain') expect(texts).toEqual(['last']);
      expect(await nc.closed()).toBeUndefined();
      await status.ended;
      if (nc.addCloseListener) await listened;
      expect(nc.isClosed()).toBe(true);
      expect(peer.stable.rotating.state).toBe('closed');
      expect(() => nc.publish('data', 'late')).toThrow(/closed/i);
      await expect(peer.stable.rotating.rotate('manual')).rejects.toThrow(/closed/i);
      await eventually(async () => (await server.connections()).length === 1, {
        what: 'the connection to be gone',
        timeoutMs: 5_000,
      });
    },
  );

  it('ends with its role', async () => {
    const { peer, nc } = await start(tested);
    const { ended } = collect(nc.subscribe('data'));
    await peer.stable.rotating.close();
    expect(await nc.closed()).toBeUndefined();
    await ended;
    expect(nc.isClosed()).toBe(true);
  });

  it('goes on, and sends what was published meanwhile, when the server comes back', async () => {
    const { peer, nc, server } = await start(tested);
    const { texts } = collect(nc.subscribe('data'));
    await nc.flush();
    const types: string[] = [];
    void (async () => {
      for await (const { type } of nc.status()) types.push(type);
    })();
    const lost = new Promise((resolve) => peer.emitter.on('disconnected', resolve));
    const back = new Promise((resolve) => peer.emitter.on('connected', resolve));
    await server.kill();
    await lost;
    nc.publish('data', 'kept');
    await server.restart();
    await back;
    await until('the message', () => texts.length === 1);
    expect(texts).toEqual(['kept']);
    expect(types).toEqual(expect.arrayContaining(['disconnect', 'reconnect']));
  });

  it('knows what its server has told of itself, also while it reconnects', async () => {
    const server = await serverForTest({ config: `max_payload: 70000\n${CONFIG}` });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    proxy.treat({ pace: { latencyMs: 20 } });
    const peer = new StablePeer(tested, {
      options: { servers: proxy.url, reconnectTimeWait: 1 },
      rotation: { mode: 'reconnect' },
    });
    const nc = await peer.open();
    const told = new Set<number | undefined>();
    await whileRotating(peer, 2, async () => {
      told.add(nc.info?.max_payload);
      await nextTurn();
    });
    expect([...told]).toEqual([70_000]);
  });

  it('hands over what was published on a connection that was lost while its successor was on its way', async () => {
    const server = await serverForTest({ config: CONFIG });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const plain = await connectPlain(tested, server);
    const gate = { open: () => {}, asked: 0, opened: Promise.resolve() };
    const peer = new StablePeer(tested, {
      options: { servers: proxy.url, reconnectTimeWait: 60_000 },
      provide: async () => {
        gate.asked++;
        await gate.opened;
        return { user: 'app', pass: 'secret' };
      },
    });
    const nc = await peer.open();
    const got: string[] = [];
    plain.subscribe('out', { callback: (_error, message) => got.push(message.string()) });
    await plain.flush();
    const { texts } = collect(nc.subscribe('in'));
    await nc.flush();
    const types: string[] = [];
    void (async () => {
      for await (const { type } of nc.status()) types.push(type);
    })();
    gate.opened = new Promise((resolve) => (gate.open = resolve));
    const rotating = peer.stable.rotating.rotate('manual');
    await until('the provider to be asked', () => gate.asked === 2);
    const lost = new Promise((resolve) => peer.emitter.on('disconnected', resolve));
    proxy.breakOpen('reset');
    await lost;
    for (const n of numbers(0, 3)) nc.publish('out', n);
    gate.open();
    expect(await rotating).toMatch(/^rotated|reconnected$/);
    nc.publish('out', '3');
    await nc.flush();
    plain.publish('in', 'heard');
    await until('all messages', () => got.length >= 4 && texts.length > 0);
    expect(got).toEqual(numbers(0, 4));
    expect(types.at(-1)).toBe('reconnect');
  });

  it('lists, gets and watches what is in buckets and stores as a plain connection does, and asks for none of it twice', async () => {
    const server = await serverForTest({ config: CONFIG, jetstream: true });
    const plain = await connectPlain(tested, server);
    const peer = new StablePeer(tested, { options: { servers: server.url } });
    const [onPlain, onStable] = [plain, await peer.open()].map((nc) => workOn(tested.driver.name, nc)) as [
      JetStreamWork,
      JetStreamWork,
    ];
    const keys = numbers(0, 50);
    // It takes several chunks.
    const object = randomBytes(300_000);
    const bucket = await onPlain.bucket('prices');
    for (const key of keys) await bucket.put(key, key);
    await (await onPlain.store('scans')).putBlob({ name: 'scan' }, object);

    let consumersMade = 0;
    plain.subscribe('$JS.API.CONSUMER.CREATE.>', { callback: () => consumersMade++ });
    await plain.flush();
    const readAll = async (work: JetStreamWork) => {
      const [kv, store] = [await work.bucket('prices'), await work.store('scans')];
      const found = {
        keys: await all(await kv.keys()),
        history: (await all(await kv.history())).map(({ key }) => key),
        watched: (await first(keys.length, await kv.watch())).map(({ key }) => key),
        objects: (await store.list()).map(({ name }) => name),
        object: object.equals((await store.getBlob('scan')) ?? new Uint8Array()),
        versions: (await first(1, await store.watch({ includeHistory: true }))).map(({ name }) => name),
      };
      await plain.flush();
      return found;
    };

    const expected = await readAll(onPlain);
    expect(expected).toMatchObject({ keys, history: keys, watched: keys, objects: ['scan'], object: true });
    const consumers = consumersMade;
    expect(consumers).toBeGreaterThan(0);
    for (let n = 1; n <= 3; n++) {
      expect(await readAll(onStable)).toEqual(expected);
      // What another connection asks for may be told after it has been answered.
      await until('all consumers to be told', () => consumersMade >= consumers * (1 + n));
      expect(consumersMade).toBe(consumers * (1 + n));
      await peer.rotate();
    }
  });

  it('moves a thousand subscriptions', async () => {
    const { peer, nc, plain } = await start(tested);
    const got: string[] = [];
    for (let n = 0; n < 1_000; n++)
      nc.subscribe(`one.${n}`, { callback: (_error, message) => got.push(message.string()) });
    await nc.flush();
    await peer.rotate(2);
    for (const n of numbers(0, 1_000)) plain.publish(`one.${n}`, n);
    await until('all messages', () => got.length >= 1_000);
    expect(got).toEqual(numbers(0, 1_000));
  });
});
