import { type Participant, type PeerOptions, subjectsOf } from './system.js';

/** nats.js alone, which has one reply inbox for a connection, too. */
export async function startPlain(options: PeerOptions): Promise<Participant> {
  const { connect } = (await import(options.driver)) as typeof import('@nats-io/transport-node');
  const nc = await connect({ servers: options.servers });
  if (options.role === 'responder') {
    const { echo } = subjectsOf(options);
    nc.subscribe(echo, { callback: (_error, message) => void message.respond(message.data) });
    await nc.flush();
  }
  return {
    request: async (subject, payload) => {
      const reply = await nc.request(subject, JSON.stringify(payload), { timeout: 60_000 });
      return reply.json();
    },
    emit: (subject, payload) => Promise.resolve(nc.publish(subject, JSON.stringify(payload))),
    flush: () => nc.flush(),
  };
}
