import { type Clock, describeError, type Emitter, systemClock } from '../../../libs/base/index.js';
import type {
  CalloutEvents,
  CalloutFailure,
  ClientFacts,
  RefusalReason,
  RequestProblem,
} from '../../../libs/callout/index.js';
import { codeOf } from '../../logging/fields.js';
import { type Log, logTo } from '../../logging/log.js';
import { duration } from '../../logging/words.js';
import { Herd } from './herd.js';
import { shown, unquoted } from './words-of-clients.js';

/** So many clients, or requests, of one kind are told at once; of the rest how many there were. */
const MOST_CLIENTS = 5;
const MOST_REQUESTS = 1;

/**
 * Logs one line for each client that is refused or fails, unless a herd comes; none for one that is admitted, but for who looks closely. A warning is something
 * that is dealt with; an error is one that is the callout's own.
 */
export function logCallout(
  connection: string,
  events: Emitter<CalloutEvents>,
  log: Log = logTo(),
  clock: Clock = systemClock,
): void {
  const refusals = new Herd<RefusalReason>(clock, MOST_CLIENTS, (reason, { times, lastedMs }) =>
    log('warn', `${connection}: refused ${more(times, 'client')} (${reason}) in ${duration(lastedMs)}`, {
      ...{ event: 'refused', connection, reason, leftOut: times, lastedMs },
    }),
  );
  const failures = new Herd<CalloutFailure>(clock, MOST_CLIENTS, (cause, { times, lastedMs }) =>
    log('error', `${connection}: failed for ${more(times, 'client')} (${cause}) in ${duration(lastedMs)}`, {
      ...{ event: 'failed', connection, cause, leftOut: times, lastedMs },
    }),
  );
  const discarded = new Herd<RequestProblem>(clock, MOST_REQUESTS, (problem, { times, lastedMs }) =>
    log('warn', `${connection}: discarded ${more(times, 'request')} (${problem}) in ${duration(lastedMs)}`, {
      ...{ event: 'discarded', connection, problem, leftOut: times, lastedMs },
    }),
  );
  const answers = new Herd<'answers'>(clock, MOST_REQUESTS, (_, { times, lastedMs }) =>
    log('error', `${connection}: servers refused ${more(times, 'answer')} in ${duration(lastedMs)}`, {
      ...{ event: 'answerRefused', connection, leftOut: times, lastedMs },
    }),
  );
  const herds = [refusals, failures, discarded, answers];

  // Each begins with it: what was left out of a herd is told with what comes next, of whatever kind that is.
  events.on('requested', () => herds.forEach((herd) => herd.settle()));

  events.on('admitted', (event) => {
    const { name, account, expiresAt, durationMs } = event;
    const until = new Date(expiresAt).toISOString();
    const as = `as ${shown(name)} into ${shown(account)} until ${until}`;
    log('debug', `${connection}: admitted ${who(event)} ${as} in ${duration(durationMs)}`, {
      ...{ event: 'admitted', connection, ...facts(event), user: unquoted(name) },
      ...{ account: unquoted(account), expiresAt },
    });
  });
  events.on('refused', (event) => {
    const { reason, error } = event;
    if (!refusals.isTold(reason)) return;
    const why = describeError(error);
    log('warn', `${connection}: refused ${who(event)} (${reason}): ${why}`, {
      ...{ event: 'refused', connection, ...facts(event), reason, error: why },
    });
  });
  events.on('failed', (event) => {
    const { cause, error, durationMs } = event;
    if (!failures.isTold(cause)) return;
    const why = describeError(error);
    log('error', `${connection}: failed for ${who(event)} (${cause}) after ${duration(durationMs)}: ${why}`, {
      ...{ event: 'failed', connection, ...facts(event), cause, error: why, code: codeOf(error) },
    });
  });
  events.on('discarded', ({ problem, error }) => {
    if (!discarded.isTold(problem)) return;
    const why = describeError(error);
    log('warn', `${connection}: discarded a request (${problem}): ${why}`, {
      ...{ event: 'discarded', connection, problem, error: why },
    });
  });
  events.on('answerRefused', ({ server, error }) => {
    if (!answers.isTold('answers')) return;
    const why = describeError(error);
    log('error', `${connection}: server ${shown(server)} refused an answer: ${why}`, {
      ...{
        event: 'answerRefused',
        connection,
        serverName: unquoted(server),
        error: why,
        code: codeOf(error),
      },
    });
  });
  events.on('listening', ({ listening }) => {
    if (!listening) for (const herd of herds) herd.settle(true);
    const text = listening ? 'answers the requests of servers' : 'answers no requests of servers any more';
    log('log', `${connection}: ${text}`, { event: 'listening', connection });
  });
  events.on('administered', ({ action, who: whom }) =>
    log('log', `${connection}: ${action} ${shown(whom)}`, {
      ...{ event: 'administered', connection, action, user: unquoted(whom) },
    }),
  );
}

function who({ client, host, server }: ClientFacts): string {
  return `${client === '' ? 'a client without a name' : shown(client)} of ${unquoted(host)} at server ${shown(server)}`;
}

function facts({ client, host, server, durationMs }: ClientFacts) {
  return { client: unquoted(client), host: unquoted(host), serverName: unquoted(server), durationMs };
}

function more(times: number, what: string): string {
  return `${times} more ${what}${times === 1 ? '' : 's'}`;
}
