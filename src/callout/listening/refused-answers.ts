import type { Emitter } from '../../../libs/base/index.js';
import { AUTH_ERRORS_SUBJECT, type CalloutEvents, refusedAnswer } from '../../../libs/callout/index.js';
import type { Subscriber } from '../../transport/server/server-session.js';

/**
 * Hears which answers servers refuse. They do not tell whose answer it was, so one instance of the group hears of each: what all of them count is the number of
 * answers. Members of the callout's account can publish there as well: it is told, and nothing is done about it.
 */
export function hearRefusedAnswers(
  to: Subscriber,
  connection: string,
  queue: string,
  events: Emitter<CalloutEvents>,
): void {
  to.subscribe(AUTH_ERRORS_SUBJECT, {
    queue,
    callback: (error, message) => {
      const refused = error || !message.data ? undefined : refusedAnswer(message.data);
      if (refused) events.emit('answerRefused', { connection, ...refused });
    },
  });
}
