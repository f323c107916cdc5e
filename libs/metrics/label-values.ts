import {
  type ConnectKind,
  REJECTION_KINDS,
  type RejectionKind,
  type ReplaceTrigger,
  type RotationMode,
} from '../connection/index.js';
import type { RefreshFailureCause, RefreshReason, ReuseKind, Role } from '../credentials/index.js';

// Every value that a label can take; the compiler holds them to the types of the events. Cardinality is bounded by these
// and the number of registrations.
const all = <T extends string>(values: Record<T, true>) => Object.keys(values) as T[];

export const ROLES = all<Role>({ server: true, client: true });
export const REASONS = all<RefreshReason>({
  connect: true,
  reconnect: true,
  rejected: true,
  expiring: true,
  manual: true,
});
export const CAUSES = all<RefreshFailureCause>({
  error: true,
  timeout: true,
  invalid: true,
  cancelled: true,
});
export const REUSE_KINDS = all<ReuseKind>({ shared: true, cached: true, stale: true });
/** `suspected`: the connection was closed without a word when the credentials had been shown. */
export const REJECTIONS: (RejectionKind | 'suspected')[] = [...REJECTION_KINDS, 'suspected'];
export const CONNECT_KINDS = all<ConnectKind>({ initial: true, reconnect: true, handover: true });
export const MODES = all<RotationMode>({ handover: true, reconnect: true });
export const OUTCOMES = all<'success' | 'failure'>({ success: true, failure: true });
export const TRIGGERS = all<ReplaceTrigger>({ ahead: true, rejected: true, ldm: true, manual: true });
