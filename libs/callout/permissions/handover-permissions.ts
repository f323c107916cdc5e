import { knownKeys } from '../../base/index.js';
import type { UserPermissions } from '../admission.js';
import { type InboxUse, inboxOf } from './inbox.js';

/**
 * What this package needs for itself, beside what the application does: to move handlers and the injected connection to another
 * server with a probe that proves that the cluster knows them there, and to notice that the requester of a stream of replies has gone.
 * @throws `OptionsInvalidError`
 * @public
 */
export function handoverPermissions(use: InboxUse = {}): UserPermissions {
  knownKeys('handoverPermissions', use, ['inboxPrefix']);
  const inbox = inboxOf('handoverPermissions', use);
  // A probe goes to an inbox of one more token; answers to requests have two.
  return {
    publish: { allow: [`${inbox}.*`] },
    subscribe: { allow: [`${inbox}.*`, `${inbox}.*.*`] },
  };
}
