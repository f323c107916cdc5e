import { inspect } from 'node:util';

import { assertPublishable } from '../../../libs/connection/index.js';
import type { NatsMessage } from '../../module/nats-connection.js';
import type { Packet, Respond, Work } from './work.js';

/** Logs what went wrong, once. */
export type Log = (error: unknown, what: string) => void;

/** What a serializer makes of a packet. */
interface Serialized {
  readonly data: Uint8Array;
  readonly headers?: unknown;
}

/** Sends the packets of the reply to a request. When one cannot be sent, that is logged and the requester gets an error instead. */
export function replyWith(publish: Respond, work: Work, message: NatsMessage, log: Log): Respond {
  return work.repliesWith((packet) => {
    if (work.answered) return;
    work.followed?.replies(packet);
    const last = packet.isDisposed === true || packet.err !== undefined;
    try {
      const askAt = last ? undefined : work.askAt;
      if (askAt) askWith(message, askAt);
      assertAnswerable(message);
      publish(packet);
      if (last) work.replied();
    } catch (error) {
      log(error, `The reply to ${inspect(message.subject)} could not be sent`);
      work.followed?.failed(error);
      // Otherwise the requester would wait forever.
      ifPossible(() => {
        assertAnswerable(message);
        publish(errorPacket('The reply could not be sent'));
      });
      work.cutOff(error);
    }
  });
}

/** The reply subject is the requester's choice: one too long for a line of ours would end the connection of all handlers. */
function assertAnswerable({ reply }: NatsMessage): void {
  if (reply) assertPublishable(reply);
}

/** Has the next reply to `message` carry a reply subject of its own. */
function askWith(message: NatsMessage, askAt: string): void {
  // A request from another account: the server rewrites the reply subjects on their way, one reply after the other.
  if (message.reply?.startsWith('_R_')) return;
  const respond = message.respond.bind(message);
  message.respond = (data, options) => {
    message.respond = respond;
    return respond(data, { ...options, reply: askAt });
  };
}

/** Answers a message of which nothing can be made, if it is a request. */
export function refuse(message: NatsMessage, serialize: (packet: Packet) => unknown): void {
  // `$…` is where a JetStream server waits for an acknowledgement, not for a reply.
  if (!message.reply || message.reply.startsWith('$')) return;
  ifPossible(() => {
    assertAnswerable(message);
    const { data, headers } = serialize(errorPacket('The request could not be read')) as Serialized;
    message.respond(data, { headers });
  });
}

/** The last packet of a reply that is an error, in the form of NestJS's own. */
export function errorPacket(message: string): Packet {
  return { err: { status: 'error', message }, isDisposed: true };
}

/** Calls what may fail for the reason that was logged already. */
function ifPossible(call: () => void): void {
  try {
    call();
  } catch {
    // The requester cannot be reached any other way.
  }
}
