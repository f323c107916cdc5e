import { checkedName } from './subject-names.js';

/**
 * Where a user gets answers.
 * @public
 */
export interface InboxUse {
  /**
   * As in the user's `connection.inboxPrefix`. With one of its own, such as `_INBOX.orders`, it hears no answers to others. Default: `_INBOX`.
   */
  readonly inboxPrefix?: string;
}

/** @throws `OptionsInvalidError` for one with a wildcard. */
export function inboxOf(builder: string, { inboxPrefix = '_INBOX' }: InboxUse): string {
  for (const token of [inboxPrefix].join().split('.')) checkedName(`${builder}.inboxPrefix`, token);
  return inboxPrefix;
}
