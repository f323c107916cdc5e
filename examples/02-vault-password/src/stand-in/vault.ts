// In the place of Vault: issues users with passwords that the NATS server accepts until the lease has ended.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { freePort, type NatsServer } from 'nestjs-nats-auth/testing';

import type { Lease } from '../vault.service.js';

export async function startVault(server: NatsServer, { leaseSeconds }: { leaseSeconds: number }) {
  const leases = new Map<string, string>();
  let issued = 0;
  let ended = 0;
  let changes = Promise.resolve();
  const tellServer = () => {
    changes = changes.then(() => server.reload(configuration(leases)));
    return changes;
  };
  const ends = new Set<NodeJS.Timeout>();
  const issue = async (): Promise<Lease> => {
    const username = `v-orders-${++issued}`;
    const password = randomBytes(12).toString('hex');
    leases.set(username, password);
    await tellServer();
    ends.add(
      setTimeout(() => {
        leases.delete(username);
        void tellServer().then(() => ended++);
      }, leaseSeconds * 1_000),
    );
    return { lease_duration: leaseSeconds, data: { username, password } };
  };
  const http = createServer((request, response) => {
    if (request.headers['x-vault-token'] !== 'of-this-service') return void response.writeHead(403).end();
    void issue().then((lease) => response.end(JSON.stringify(lease)));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  return {
    /** How many leases have ended, so that the NATS server accepts their passwords no more. */
    ended: () => ended,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      for (const end of ends) clearTimeout(end);
      http.close();
      http.closeAllConnections();
      await changes;
    },
  };
}

export function configuration(leases: ReadonlyMap<string, string> = new Map()): string {
  // The server wants at least one user; nobody knows the password of this one.
  const users = [...leases, ['nobody', randomBytes(12).toString('hex')]];
  const lines = users.map(([user, password]) => `{ user: "${user}", password: "${password}" }`);
  return `authorization { users: [ ${lines.join(', ')} ] }`;
}
