import { expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient } from '../nest/app.js';

const users = (names: string[]) =>
  `authorization { users: [ ${names.map((name) => `{ user: ${name}, password: x }`).join(', ')} ] }\n`;

it('hands over to the server that knows the new credentials when the one in use does not yet', async () => {
  const inUse = await serverForTest({ config: users(['old']) });
  const ahead = await serverForTest({ config: users(['old', 'new']) });
  let user = 'old';
  const calls: string[] = [];
  const client = await startClient({
    connection: { servers: [inUse.url, ahead.url], noRandomize: true },
    userInfoProvider: {
      getUserInfo: () => {
        calls.push(user);
        return { user, pass: 'x' };
      },
    },
  });
  await client.connect();
  user = 'new';
  await serviceOf(client).rotate();
  expect(serviceOf(client).status.connections.client?.server).toBe(`127.0.0.1:${ahead.port}`);
  expect(calls).toEqual(['old', 'new']);
});
