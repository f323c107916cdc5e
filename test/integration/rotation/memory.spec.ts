import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { NatsAuthServer, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('rotations keep no connection alive but the one in use and the first, whose promise listen() has', async () => {
  const server = await serverForTest({
    config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
  });
  const app = await startService(
    {
      connection: { servers: server.url },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    },
    {},
  );
  const connection = () => new WeakRef(app.get(NatsAuthServer).unwrap<object>());
  const connections = [connection()];
  for (let rotation = 0; rotation < 6; rotation++) {
    await app.get(NatsAuthService).rotate();
    connections.push(connection());
  }
  await eventually(
    () => {
      collectGarbage();
      return connections.filter((ref) => ref.deref() !== undefined).length <= 2;
    },
    { what: 'the connections that were handed over from to be collected' },
  );
});
