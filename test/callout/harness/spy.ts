import { expect } from 'vitest';

import { CALLOUT_SUBJECT } from '../../../libs/callout/index.js';
import { connect } from './clients.js';
import type { ConnectingClients } from './connecting-clients.js';
import type { Lane } from './lanes.js';

/**
 * The reply subjects of the requests and of the answers, as a member of the callout's account sees them.
 * @param credentials of a user that passes by the callout.
 */
export async function spyOn(lane: Lane, server: { readonly url: string }, credentials: object) {
  const [requests, answers]: [string[], string[]] = [[], []];
  const spy = await connect(lane, server, credentials);
  spy.subscribe(CALLOUT_SUBJECT, { callback: (_, { reply = '' }) => void requests.push(reply) });
  spy.subscribe('$SYS._INBOX.>', { callback: (_, { subject }) => void answers.push(subject) });
  await spy.flush();
  return {
    requests,
    all: () => spy.flush(),
    /** Expects that each of the clients, so many at least, came in by one request that was answered once. */
    expectOneAnswerEach({ refused, admitted }: ConnectingClients, least: number) {
      expect({
        refused,
        unanswered: requests.filter((reply) => !answers.includes(reply)),
        answeredTwice: answers.filter((reply, i) => answers.indexOf(reply) !== i),
      }).toEqual({ refused: [], unanswered: [], answeredTwice: [] });
      expect(admitted).toBeGreaterThan(least);
      expect(requests).toHaveLength(admitted);
    },
  };
}
