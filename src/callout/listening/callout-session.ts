import {
  type Callout,
  CALLOUT_SUBJECT,
  type CalloutEvents,
  type CalloutMessage,
  type CalloutSettings,
} from '../../../libs/callout/index.js';
import type { Emitter } from '../../../libs/base/index.js';
import { assertPublishable } from '../../../libs/connection/index.js';
import type { NatsConnection, NatsMessage } from '../../module/nats-connection.js';
import type { Registration } from '../../module/registration.js';
import { ServerSession } from '../../transport/server/server-session.js';
import { hearRefusedAnswers } from './refused-answers.js';

/** Whose session it is. */
interface SessionParts {
  readonly registration: Registration;
  readonly settings: Pick<CalloutSettings, 'queue'>;
  readonly events: Emitter<CalloutEvents>;
}

/**
 * The subscription of a callout on one connection. While one connection hands over to another, both are in the queue group, and each request arrives on one
 * of them. It is answered on that one: some credentials may answer only what came in on their connection.
 */
export function calloutSession(
  nc: NatsConnection,
  { registration, settings, events }: SessionParts,
  callout: Callout,
): ServerSession {
  return new ServerSession(nc, {
    bind: (to) => {
      hearRefusedAnswers(to, registration.name, settings.queue, events);
      to.subscribe(CALLOUT_SUBJECT, {
        queue: settings.queue,
        // What a callback throws would close the connection.
        callback: (error, message) => (error ? undefined : callout.receive(calloutMessage(message))),
      });
    },
    instance: registration.name,
    answers: { prefix: registration.transport.inboxPrefix },
    // A request that failed was told by the callout: it never rejects.
    failed: () => {},
    teardownFailed: () => {},
  });
}

const NOTHING = new Uint8Array();

function calloutMessage(message: NatsMessage): CalloutMessage {
  const { data = NOTHING, reply, headers } = message;
  const serverXkey = headers?.get('Nats-Server-Xkey');
  return {
    data,
    ...(reply && { reply }),
    ...(serverXkey && { serverXkey }),
    respond: (answer) => {
      // One too long for a line of ours would end the connection.
      if (reply) assertPublishable(reply);
      message.respond(answer);
    },
  };
}
