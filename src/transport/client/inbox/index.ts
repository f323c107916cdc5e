import type { NatsConnection } from '../../../module/nats-connection.js';
import { InboxPerRequest } from './inbox-per-request.js';
import type { ReplyInbox } from './reply-inbox.js';
import { SharedInbox } from './shared-inbox.js';

export { randomToken } from './random-token.js';
export { fail, type PendingRequest, type ReplyHandler, type ReplyInbox } from './reply-inbox.js';

/** Which inbox a client has: one for its connection, or one for each request. */
export type InboxKind = 'shared' | 'perRequest';

/** Makes the inbox of one connection. */
export function createInbox(
  kind: InboxKind,
  nc: Pick<NatsConnection, 'subscribe'>,
  prefix = '_INBOX',
): ReplyInbox {
  return kind === 'shared' ? new SharedInbox(nc, prefix) : new InboxPerRequest(nc, prefix);
}
