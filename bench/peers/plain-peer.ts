import { connect, credsAuthenticator, errors, type Msg } from '@nats-io/transport-node';
import type { UserInfo } from 'nestjs-nats-auth';

import type { HeardMessages } from './heard.js';
import { UNANSWERED } from './load.js';
import type { PeerOptions } from './protocol.js';

/** A responder or a caller on nats.js alone, with credentials that never change; `reconnect()` is its rotation. */
export async function startPlainPeer(
  { role, servers }: PeerOptions,
  credentials: () => Promise<UserInfo>,
  heard: HeardMessages,
) {
  const { creds = '' } = await credentials();
  const authenticator = credsAuthenticator(
    typeof creds === 'string' ? new TextEncoder().encode(creds) : creds,
  );
  const nc = await connect({
    servers,
    authenticator,
    reconnectTimeWait: 1,
    reconnectJitter: 0,
    maxReconnectAttempts: -1,
  });
  if (role === 'responder') {
    const hear = (kind: 'requests' | 'events' | 'queued') => (error: Error | null, message: Msg) => {
      if (error) return;
      heard.add(kind, Number(message.string()));
      message.respond(message.data);
    };
    nc.subscribe('bench.request', { callback: hear('requests') });
    nc.subscribe('bench.event', { callback: hear('events') });
    nc.subscribe('bench.queued', { queue: 'bench', callback: hear('queued') });
    await nc.flush();
  }
  // Asynchronous, so that what publish() throws is a failed send.
  const publish = async (subject: string, n: number) => Promise.resolve(nc.publish(subject, String(n)));
  return {
    rotate: async () => {
      const status = nc.status();
      await nc.reconnect();
      for await (const { type } of status) if (type === 'reconnect') break;
    },
    sender: {
      request: (n: number) =>
        nc.request('bench.request', String(n), { timeout: 5_000 }).catch((error: unknown) => {
          throw error instanceof errors.TimeoutError ? UNANSWERED : error;
        }),
      event: (n: number) => publish('bench.event', n),
      queued: (n: number) => publish('bench.queued', n),
    },
  };
}
