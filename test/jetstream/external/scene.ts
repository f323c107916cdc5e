import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator } from '@nats-io/transport-node';

import { startNatsServer } from '../../../libs/testing/index.js';
import { RELEASE } from '../../drivers/servers.js';
import { createOperatorMode } from '../../support/operator-mode.js';

const LIFETIME_MS = 4_000;
/** As the library names them. */
const STREAM = 'orders__microservice_ev-stream';
const CONSUMER = 'orders__microservice_ev-consumer';

/** A server with JetStream in operator mode, and a provider whose tokens live four seconds. */
export async function startScene() {
  const operator = await createOperatorMode({ jetStream: true });
  const folder = await mkdtemp(join(tmpdir(), 'jetstream-'));
  const storage = `jetstream { store_dir: ${JSON.stringify(folder)} }\n`;
  const server = await startNatsServer({ release: RELEASE, config: storage + (await operator.config()) });
  const provider = {
    isDown: false,
    provide: async () => {
      if (provider.isDown) throw new Error('the identity provider is down');
      // JWTs count whole seconds.
      const expiresAt = Math.floor(Date.now() / 1_000) * 1_000 + LIFETIME_MS;
      const { creds } = await operator.mintUser({ expiresAt });
      return { creds };
    },
  };
  const { creds } = await operator.mintUser();
  const authenticator = credsAuthenticator(new TextEncoder().encode(creds));
  const observer = await connect({ servers: server.url, authenticator });
  const manager = await jetstreamManager(observer, { checkAPI: false });
  return {
    servers: server.url,
    provider,
    /** How many messages the stream has had. */
    stored: async () => (await manager.streams.info(STREAM)).state.last_seq,
    /** Whether everything was delivered and acknowledged. */
    nothingPending: async () => {
      const { num_pending, num_ack_pending } = await manager.consumers.info(STREAM, CONSUMER);
      return num_pending + num_ack_pending === 0;
    },
    [Symbol.asyncDispose]: async () => {
      await observer.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
