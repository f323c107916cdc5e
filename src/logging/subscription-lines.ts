import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { describeError, type Emitter, quoted } from '../../libs/base/index.js';
import type { Role } from '../../libs/credentials/index.js';
import { codeOf } from './fields.js';
import type { Log } from './log.js';

/** What a refused subscription of each role comes to. */
const CONSEQUENCE: Readonly<Record<Role, string>> = {
  server: 'its handler hears nothing',
  client: 'no reply to a request arrives',
  connection: 'it hears nothing',
};

/** Subscriptions that a server refuses, and accepts in the end; and what the application's own do. */
export function logSubscriptions(events: Emitter<NatsAuthEvents>, log: Log): void {
  events.on('subscriptionRefused', ({ connection, role, problem, tolerated }) => {
    const text = `${connection}/${role}: a subscription was refused, ${CONSEQUENCE[role]}: ${problem}`;
    const fields = { event: 'subscriptionRefused', connection, role, problem };
    if (tolerated) log('log', `${text}, as 'handlers.mayBeRefused' allows`, fields);
    else log('error', text, fields);
  });
  events.on('subscriptionRestored', ({ connection, role, problem, stillRefused }) => {
    const rest = stillRefused > 0 ? `, ${stillRefused} still refused` : '';
    const text = `${connection}/${role}: a subscription that was refused is accepted${rest}: no longer, ${problem}`;
    log('log', text, { event: 'subscriptionRestored', connection, role, problem, stillRefused });
  });
  events.on('callbackFailed', ({ connection, role, subject, error }) => {
    const why = describeError(error);
    const text = `${connection}/${role}: the callback of the subscription to ${quoted(subject)} failed: ${why}`;
    log('error', text, {
      event: 'callbackFailed',
      connection,
      role,
      subject,
      error: why,
      code: codeOf(error),
    });
  });
}
