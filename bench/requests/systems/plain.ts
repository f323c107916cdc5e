import { type PeerOptions, type SendRequest, subjectOf } from './system.js';

/** nats.js alone, which has one reply inbox for a connection, too. */
export async function startPlain({ role, servers, driver }: PeerOptions): Promise<SendRequest> {
  const { connect } = (await import(driver)) as typeof import('@nats-io/transport-node');
  const nc = await connect({ servers });
  if (role === 'responder') {
    nc.subscribe(subjectOf('plain'), { callback: (_error, message) => void message.respond(message.data) });
    await nc.flush();
  }
  return async (payload) => {
    const reply = await nc.request(subjectOf('plain'), JSON.stringify(payload), { timeout: 60_000 });
    return reply.json();
  };
}
