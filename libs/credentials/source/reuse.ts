import type { Role } from '../provider/user-info-provider.js';
import type { RefreshSettings } from './options.js';
import { type Answer, hasLifeLeft, isKept, type SourceState } from './source-state.js';

/** The establishment that wants to be served. */
export interface Wanted {
  readonly role: Role;
  /** `host:port` about to be dialled. */
  readonly server?: string;
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** Whether what there is was fetched since its connection was lost, and it has not sent it. */
  readonly isForIt: boolean;
}

/** Whether user info that was asked for `audience` may be presented by `role`. */
export function isFor(audience: Role | 'shared', role: Role): boolean {
  return audience === 'shared' || audience === role;
}

/** What may serve an establishment without a provider call, if anything, and how that is called. */
export function reusable(
  state: SourceState,
  { role, server, since, isForIt }: Wanted,
  { reuse, timeout }: RefreshSettings,
  now: number,
): { readonly answer: Answer; readonly kind: 'shared' | 'cached' } | undefined {
  if (state.name !== 'usable' || !isFor(state.answer.audience, role)) return undefined;
  const { answer, presenting, failures } = state;
  const { userInfo } = answer;
  const remaining = userInfo.remaining(now);
  // Establishments that overlap in time share one call. The bound keeps a chain of them from never refreshing.
  const overlaps = presenting > 0 || userInfo.resolvedAt > since;
  if (overlaps && remaining > 0 && Math.abs(now - userInfo.resolvedAt) < timeout)
    return { answer, kind: 'shared' };
  if (isForIt && hasLifeLeft(userInfo, now)) return { answer, kind: 'shared' };
  const isCached = reuse !== false && userInfo.expiresAt !== undefined && remaining > reuse;
  // A provider may choose by the server: for the first dial of each it is asked.
  return isCached || (failures.dialled.has(server) && isKept(state, now))
    ? { answer, kind: 'cached' }
    : undefined;
}
