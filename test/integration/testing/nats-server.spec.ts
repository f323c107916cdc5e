import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { connect } from '@nats-io/transport-node';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';

import {
  eventually,
  freePort,
  NatsServer,
  startNatsCluster,
  startNatsServer,
} from '../../../libs/testing/index.js';
import { findNatsServer } from '../../../libs/testing/nats-server/find-nats-server.js';
import { serverForTest } from '../../support/server-for-test.js';
import { clientForTest } from './client-for-test.js';

const withPassword = (password: string) =>
  `authorization { users: [ { user: "app", password: "${password}" } ] }\n`;

/** Whether anything listens there still. */
const answers = (url: string) =>
  fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  );

const serverFolders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('nats-server-'));

describe('a real nats-server for tests', () => {
  it('serves clients and shows them, with user and subscriptions, at its monitor', async () => {
    const server = await serverForTest({ config: withPassword('one') });
    const app = await clientForTest(server, { user: 'app', pass: 'one', name: 'orders' });
    app.subscribe('orders.>');
    await app.flush();

    expect(server.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await server.connections()).toMatchObject([
      { name: 'orders', authorized_user: 'app', subscriptions_list: ['orders.>'] },
    ]);
  });

  it('fails with the server’s words when its configuration is wrong, and leaves no folder', async () => {
    const before = await serverFolders();
    await expect(startNatsServer({ config: 'no_such_setting: 1\n' })).rejects.toThrow(
      /unknown field "no_such_setting"/,
    );
    const left = (await serverFolders()).filter((name) => !before.includes(name));
    // Other test files start servers at the same time; none of theirs can hold this configuration.
    expect(await foldersWith('no_such_setting', left)).toEqual([]);
  });

  it('asks for the new password, and no longer the old one, after a reload', async () => {
    const server = await serverForTest({ config: withPassword('one') });
    await server.reload(withPassword('two'));
    await clientForTest(server, { user: 'app', pass: 'two' });
    await expect(connect({ servers: server.url, user: 'app', pass: 'one' })).rejects.toThrow(
      /Authorization Violation/,
    );
  });

  it('rejects a reload that the server refuses, and goes on with the former configuration', async () => {
    const server = await serverForTest({ config: withPassword('one') });
    await expect(server.reload('authorization {')).rejects.toThrow(/Failed to reload|refused/);
    await clientForTest(server, { user: 'app', pass: 'one' });
    await server.kill();
    await server.restart();
    await clientForTest(server, { user: 'app', pass: 'one' });
  });

  it('keeps streams over a reload and a restart where JetStream is on, and leaves no store', async () => {
    const server = await startNatsServer({ jetstream: true, config: withPassword('one') });
    const store = async () => {
      const { config } = (await (await fetch(`${server.monitorUrl}/jsz`)).json()) as {
        config: { store_dir: string };
      };
      return config.store_dir;
    };
    const folder = await store();
    try {
      const app = await clientForTest(server, { user: 'app', pass: 'one', maxReconnectAttempts: -1 });
      const ask = async (what: string, data = '') =>
        (await app.request(`$JS.API.STREAM.${what}.ORDERS`, data)).json<{ error?: object; state?: object }>();
      expect((await ask('CREATE', '{"name":"ORDERS","subjects":["orders.*"]}')).error).toBeUndefined();
      await app.request('orders.new', 'tea');
      await server.reload(withPassword('one'));
      await server.restart();
      await eventually(async () => expect(await ask('INFO')).toMatchObject({ state: { messages: 1 } }), {
        what: 'the stream to be back',
      });
      expect(await store()).toBe(folder);
    } finally {
      await server.stop();
    }
    expect(existsSync(folder)).toBe(false);
  });

  it('comes back on the same port after a kill, and clients find it again', async () => {
    const server = await serverForTest();
    const { port, monitorUrl } = server;
    const app = await clientForTest(server, { maxReconnectAttempts: -1 });
    await server.kill();
    expect(await answers(monitorUrl)).toBe(false);
    await server.restart();

    expect([server.port, server.monitorUrl]).toEqual([port, monitorUrl]);
    await eventually(async () => (await server.connections()).length === 1, { what: 'the client to return' });
    await app.flush();
  });

  it('tells its clients that it goes into lame duck mode', async () => {
    const server = await serverForTest();
    const app = await clientForTest(server);
    const told = (async () => {
      for await (const status of app.status()) if (status.type === 'ldm') return true;
      return false;
    })();
    server.lameDuck();
    expect(await told).toBe(true);
    expect(await server.log()).toContain('Entering lame duck mode');
    // In lame duck mode it does not hear SIGTERM.
    await server.kill();
  });

  it('leaves neither process nor folder after stop, which may be called again', async () => {
    const marker = randomUUID();
    const server = await startNatsServer({ config: `# ${marker}\n` });
    expect(await foldersWith(marker, await serverFolders())).toHaveLength(1);
    await server.stop();
    await server.stop();
    expect(await answers(server.monitorUrl)).toBe(false);
    expect(await foldersWith(marker, await serverFolders())).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends with a parent that %s ends', async (signal) => {
    const script = fileURLToPath(new URL('../../support/server-parent.mjs', import.meta.url));
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const monitorUrl = said.toString().trim();
    expect(await answers(monitorUrl)).toBe(true);
    parent.kill(signal);
    expect(await once(parent, 'exit')).toEqual([null, signal]);
    await eventually(async () => !(await answers(monitorUrl)), { what: 'the server to be gone' });
  });

  it('starts a dozen servers without a word from Node about leaking listeners', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    await Promise.all(Array.from({ length: 12 }, () => serverForTest()));
    // Node emits warnings on the next tick.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings.map((warning) => warning.name)).not.toContain('MaxListenersExceededWarning');
  });
});

describe('a cluster for tests', () => {
  it('carries messages between its three servers', async () => {
    const cluster = await startNatsCluster(3);
    onTestFinished(() => cluster.stop());
    const [first, , third] = cluster.servers;
    if (!first || !third) throw new Error('the cluster has fewer than three servers');
    const responder = await clientForTest(first);
    responder.subscribe('whoami', { callback: (_, message) => void message.respond('first') });
    await responder.flush();
    const asker = await clientForTest(third);
    const reply = await eventually(() => asker.request('whoami', '', { timeout: 500 }), { what: 'a reply' });

    expect(reply.string()).toBe('first');
    expect(cluster.urls).toEqual(cluster.servers.map((server) => server.url));
  });

  it('stops the servers that did start when one of them cannot', async () => {
    const port = await freePort();
    // Two servers cannot share a client port: one starts, the other ends.
    await expect(startNatsCluster(2, { port })).rejects.toThrow(/address already in use/);
    await expect(connect({ servers: `127.0.0.1:${port}`, reconnect: false })).rejects.toThrow(/refused/i);
  });
});

it('a server whose monitoring nobody could fetch says so at once, and does not stay', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nats-server-'));
  const server = new NatsServer(await findNatsServer(), folder, await freePort(), 10_080);
  onTestFinished(() => server.stop());
  await expect(server.start('')).rejects.toThrow(
    /Waiting for nats-server to come up is in vain: fetch refuses/,
  );
});

describe('finding nats-server', () => {
  const chosen = process.env['NATS_SERVER_BIN'];

  afterEach(() => {
    if (chosen === undefined) delete process.env['NATS_SERVER_BIN'];
    else process.env['NATS_SERVER_BIN'] = chosen;
  });

  it('takes the binary that NATS_SERVER_BIN names', async () => {
    const { path } = await findNatsServer();
    process.env['NATS_SERVER_BIN'] = path;
    expect((await findNatsServer()).path).toBe(path);
  });

  it('says what is wrong with a NATS_SERVER_BIN that is no server', async () => {
    process.env['NATS_SERVER_BIN'] = '/nowhere/nats-server';
    await expect(findNatsServer()).rejects.toThrow(/NATS_SERVER_BIN.*'\/nowhere\/nats-server'/);
  });

  it('names path, version got and version wanted for a NATS_SERVER_BIN that is too old', async () => {
    const old = join(tmpdir(), `old-nats-server-${process.pid}`);
    await writeFile(old, '#!/bin/sh\necho "nats-server: v2.9.25"\n', { mode: 0o755 });
    onTestFinished(() => rm(old));
    process.env['NATS_SERVER_BIN'] = old;
    await expect(findNatsServer()).rejects.toThrow(/old-nats-server.*2\.9\.25.*2\.10\.0/);
  });
});

/** Those of the folders whose server configuration contains `text`. */
async function foldersWith(text: string, folders: readonly string[]): Promise<string[]> {
  const has = await Promise.all(
    folders.map((name) =>
      readFile(join(tmpdir(), name, 'nats.conf'), 'utf8').then(
        (config) => config.includes(text),
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => has[index]);
}
