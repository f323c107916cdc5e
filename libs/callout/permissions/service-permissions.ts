import { knownKeys } from '../../base/index.js';
import type { ResponseRules, UserPermissions } from '../admission.js';
import { checkedName, checkedSubjects } from './subject-names.js';

/**
 * What a service with handlers does.
 * @public
 */
export interface ServiceUse {
  /** Subjects of its handlers, as in `@MessagePattern()` and `@EventPattern()`. */
  readonly handles: readonly string[];
  /** The queue group of the handlers, as in `connection.queue`. Default: none, each instance has groups of its own. */
  readonly queue?: string;
  /**
   * How it may answer: to what it has received, so many times and for so long; or to every inbox, which lets it answer in the place of others as
   * well. A stream of replies is an answer for each of them. Default: any number of answers within 300,000 ms.
   */
  readonly answers?: ResponseRules | 'inboxes' | 'none';
}

/** Of those who ask, unless they have a prefix of their own that begins otherwise. */
const INBOXES = '_INBOX.>';
const ANSWERS: ResponseRules = { max: Infinity, ttl: 300_000 };

/**
 * What a service with handlers needs to subscribe them and to answer. With `handoverPermissions()` it moves without a pause, too.
 * @throws `OptionsInvalidError`
 * @public
 */
export function servicePermissions(use: ServiceUse): UserPermissions {
  knownKeys('servicePermissions', use, ['handles', 'queue', 'answers']);
  const { answers = ANSWERS } = use;
  const queue = use.queue === undefined ? undefined : checkedQueue(use.queue);
  const handles = checkedSubjects('servicePermissions.handles', use.handles);
  return {
    publish: { allow: answers === 'inboxes' ? [INBOXES] : [] },
    // A private group is `instance-….<subject>`; a star stands for a whole token.
    subscribe: { allow: handles.map((subject) => ({ subject, queue: queue ?? `*.${subject}` })) },
    ...(typeof answers === 'object' && { responses: answers }),
  };
}

function checkedQueue(queue: string): string {
  for (const token of [queue].join().split('.')) checkedName('servicePermissions.queue', token);
  return queue;
}
