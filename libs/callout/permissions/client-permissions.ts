import { knownKeys } from '../../base/index.js';
import type { UserPermissions } from '../admission.js';
import { type InboxUse, inboxOf } from './inbox.js';
import { checkedSubjects } from './subject-names.js';

/**
 * What a client does.
 * @public
 */
export interface ClientUse extends InboxUse {
  /** Subjects of its requests and events. */
  readonly sends?: readonly string[];
  /** Subjects that it subscribes without handlers, such as those of `nc.subscribe()` on the injected connection. */
  readonly hears?: readonly string[];
}

/**
 * What a client needs that sends requests and events.
 * @throws `OptionsInvalidError`
 * @public
 */
export function clientPermissions(use: ClientUse): UserPermissions {
  knownKeys('clientPermissions', use, ['sends', 'hears', 'inboxPrefix']);
  const inbox = inboxOf('clientPermissions', use);
  return {
    publish: { allow: checkedSubjects('clientPermissions.sends', use.sends) },
    subscribe: { allow: [`${inbox}.>`, ...checkedSubjects('clientPermissions.hears', use.hears)] },
  };
}
