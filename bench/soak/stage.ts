import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';

import { type FaultProxy, startFaultProxy } from '../../test/support/fault-proxy.js';
import type { SoakUser } from './service/protocol.js';

/** Those whom the service presents in turns. */
export const USERS: readonly SoakUser[] = [
  { user: 'first', pass: 'password-of-first' },
  { user: 'second', pass: 'password-of-second' },
];
/** A server without users lets everybody in. */
const NOBODY: SoakUser = { user: 'nobody', pass: 'password-of-nobody' };

/** One connection in each role; three handlers on the one, an inbox on the other. */
const EXPECTED = { connections: 2, subscriptions: 4 };

/** A real server behind a proxy that breaks connections. */
export interface Stage {
  readonly server: NatsServer;
  readonly proxy: FaultProxy;
  /** Lets only these users in, and ends the connections of others. */
  admit(users: readonly SoakUser[]): Promise<void>;
  stop(): Promise<void>;
}

/** What the server knows of the service. */
export interface ServerView {
  readonly connections: number;
  readonly subscriptions: number;
  /** The users that it let in. */
  readonly users: readonly string[];
}

export async function setStage(): Promise<Stage> {
  const server = await startNatsServer({ config: configOf(USERS) });
  const proxy = await startFaultProxy(server);
  return {
    server,
    proxy,
    admit: (users) => server.reload(configOf(users)),
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}

export async function look({ server }: Stage): Promise<ServerView> {
  const connections = await server.connections();
  return {
    connections: connections.length,
    subscriptions: connections.reduce((sum, { subscriptions_list: list = [] }) => sum + list.length, 0),
    users: [...new Set(connections.map(({ authorized_user: user = '' }) => user))],
  };
}

/** Waits until the server has no more and no less of the service than there should be. */
export async function settled(stage: Stage): Promise<void> {
  await eventually(
    async () => {
      const { connections, subscriptions } = await look(stage);
      return connections === EXPECTED.connections && subscriptions === EXPECTED.subscriptions;
    },
    {
      what: `the server to have ${EXPECTED.connections} connections with ${EXPECTED.subscriptions} subscriptions`,
      timeoutMs: 30_000,
    },
  );
}

function configOf(users: readonly SoakUser[]): string {
  const lines = [...users, NOBODY].map(({ user, pass }) => `{ user: ${user}, password: "${pass}" }`);
  return `authorization { users: [ ${lines.join(', ')} ] }\n`;
}
