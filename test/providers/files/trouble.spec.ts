import { mkdir, rm } from 'node:fs/promises';

import { NatsAuthService } from 'nestjs-nats-auth';
import { CredsFileProvider, PasswordFilesProvider } from 'nestjs-nats-auth/providers';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { register } from 'prom-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { TestFolder, userInfoOf } from '../../../libs/providers/files/files.fixture.js';
import { serverForTest } from '../../support/server-for-test.js';
import { socketsAccepted } from '../../support/sockets-accepted.js';
import { operatorServer } from './kinds.js';
import { serviceConnections, startEcho, slow, startLoad, watchRotations } from './service.js';

const quick = { permissions: 'ignore', pollInterval: false, settle: 50 } as const;
const onlyConnection = async (server: NatsServer) => {
  const [connection, ...others] = await serviceConnections(server);
  if (!connection || others.length > 0) throw new Error('expected one connection');
  return connection;
};

describe('a service with a .creds file', () => {
  const connected = async () => {
    const stage = await operatorServer();
    const folder = await TestFolder.make();
    const path = await folder.replace('user.creds', stage.one.creds);
    const app = await startEcho(stage.server, new CredsFileProvider({ path, ...quick }));
    const load = await startLoad(stage.server, { creds: stage.caller.creds });
    await eventually(() => load.answered > 0, { what: 'load' });
    return { ...stage, folder, path, app, load, rotations: watchRotations(app) };
  };

  it('keeps its connection while the file is half-written, and moves over once it is whole', async () => {
    const { server, one, two, path, folder, load, rotations } = await connected();
    const before = await onlyConnection(server);
    const witness = new CredsFileProvider({ path, ...quick });
    for (const length of [0, 200, two.creds.length - 80]) {
      await folder.write('user.creds', two.creds.slice(0, length));
      // It reads what the service's own provider reads, as patiently.
      await expect(userInfoOf(witness)).rejects.toThrow(/does not hold a whole \.creds file/);
      const answered = load.answered;
      await eventually(() => load.answered > answered + 50, { what: 'load' });
      expect(await onlyConnection(server)).toMatchObject({ cid: before.cid, authorized_user: one.publicKey });
    }
    await folder.write('user.creds', two.creds);
    await eventually(async () => (await onlyConnection(server)).authorized_user === two.publicKey, {
      what: 'the second user',
    });
    await load.stop();
    expect({ ...rotations, errors: load.errors }).toEqual({
      succeeded: 1,
      failed: 0,
      rejected: 0,
      errors: [],
    });
  });

  it('keeps its connection while the file is gone, and moves over when there is another', async () => {
    const { server, two, path, folder, load, rotations } = await connected();
    const before = await onlyConnection(server);
    await rm(path);
    const answered = load.answered;
    await eventually(() => load.answered > answered + 50, { what: 'load' });
    expect((await onlyConnection(server)).cid).toBe(before.cid);
    await folder.replace('user.creds', two.creds);
    await eventually(async () => (await onlyConnection(server)).authorized_user === two.publicKey, {
      what: 'the second user',
    });
    await load.stop();
    expect({ ...rotations, errors: load.errors }).toEqual({
      succeeded: 1,
      failed: 0,
      rejected: 0,
      errors: [],
    });
  });

  it('moves on to a file that comes while it is still moving to the one before', async () => {
    const { app, operator, server, two, folder, load } = await connected();
    const refreshes = { count: 0 };
    app.get(NatsAuthService).on('refreshed', () => refreshes.count++);
    const three = await operator.mintUser();
    const request = firstValueFrom(load.client.send('slow', 0));
    await eventually(() => slow.finish, { what: 'the slow handler to start' });
    await folder.replace('user.creds', two.creds);
    // The old connection stays until its handler has answered.
    const users = async () =>
      (await serviceConnections(server)).map(({ authorized_user }) => authorized_user);
    await eventually(async () => (await users()).includes(two.publicKey), { what: 'the second user' });
    await folder.replace('user.creds', three.creds);
    await eventually(() => refreshes.count === 2, { what: 'the second change to be read' });
    slow.finish?.();
    expect(await request).toBe('done');
    await eventually(async () => String(await users()) === three.publicKey, { what: 'the third user' });
    await load.stop();
    expect(load.errors).toEqual([]);
  });

  it('comes back with the new file after the server has revoked the old one', async () => {
    const { operator, server, one, two, folder, rotations } = await connected();
    operator.revoke(one.publicKey);
    await operator.pushClaims(server);
    await eventually(() => rotations.rejected > 0, { what: 'the rejection' });
    await folder.replace('user.creds', two.creds);
    await eventually(async () => (await onlyConnection(server)).authorized_user === two.publicKey, {
      what: 'the second user',
    });
  });

  it('tells no path in its metrics', async () => {
    const { folder } = await connected();
    const metrics = await register.metrics();
    expect(metrics).toContain('nats_auth_refreshes_total');
    expect(metrics).not.toContain(folder.path);
    expect(metrics).not.toContain('.creds');
  });
});

describe('a service with a password file', () => {
  it('keeps its old connection until the server knows the new password', async () => {
    const users = (pass: string) =>
      `authorization { users: [ { user: svc, password: first }, { user: next, password: ${pass} } ] }\n`;
    const server = await serverForTest({ config: users('none-yet') });
    const folder = await TestFolder.make();
    await folder.mount({ username: 'svc', password: 'first' });
    const [userPath, passPath] = [folder.file('username'), folder.file('password')];
    const app = await startEcho(server, new PasswordFilesProvider({ userPath, passPath, ...quick }), {
      connection: { servers: server.url, name: 'service' },
      rejection: { maxOnConnect: 1, initialDelay: 1, maxDelay: 50 },
      rotation: { retry: { initialDelay: 1, maxDelay: 50 } },
    });
    const rotations = watchRotations(app);
    const before = await onlyConnection(server);
    await folder.mount({ username: 'next', password: 'second' });
    await eventually(() => rotations.failed > 0, { what: 'a rotation that fails' });
    const now = (await serviceConnections(server)).map(({ cid }) => cid);
    expect(now).toContain(before.cid);
    await server.reload(users('second'));
    await eventually(async () => (await onlyConnection(server)).authorized_user === 'next', {
      what: 'the new user',
    });
  });
});

describe('a bootstrap', () => {
  const failureOf = async (path: string) => {
    const { server } = await operatorServer();
    const refresh = { retry: { maxAttempts: 2, initialDelay: 1 } };
    const error: unknown = await startEcho(server, new CredsFileProvider({ path, ...quick }), {
      refresh,
    }).catch((thrown: unknown) => thrown);
    expect(await socketsAccepted(server)).toBe(0);
    return error as Error;
  };

  it('fails with the path and what to do when the file is not there', async () => {
    const folder = await TestFolder.make();
    const error = await failureOf(folder.file('user.creds'));
    expect(error.message).toContain(`File '${folder.file('user.creds')}' does not exist: mount or write it`);
    expect(error).toMatchObject({ code: 'USER_INFO_UNAVAILABLE', cause: { code: 'FILE_UNUSABLE' } });
  });

  it('fails with the path and what to do when it is a folder', async () => {
    const folder = await TestFolder.make();
    await mkdir(folder.file('user.creds'));
    const { message } = await failureOf(folder.file('user.creds'));
    expect(message).toContain(`File '${folder.file('user.creds')}' is no regular file: correct the path`);
  });

  it('fails without a word of the content when it is something else', async () => {
    const folder = await TestFolder.make();
    const { message } = await failureOf(await folder.replace('user.creds', 'SECRETMARK'));
    expect(message).toContain('does not hold a whole .creds file');
    expect(message).not.toContain('SECRETMARK');
  });
});
