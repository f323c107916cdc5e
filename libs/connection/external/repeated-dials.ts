/**
 * Dials of connections that others own, of which no more is known than that the driver asked what to present: one round is what happens
 * before a server that has refused is dialled again.
 */
export interface DialRound<T> {
  readonly presented: T;
  /** When it began, in ms since the epoch. */
  readonly at: number;
  /** How many rounds in quick succession have presented the same, this one included. */
  readonly count: number;
}

/**
 * What a dial says about the one before. `nothing`: it presents something else, or belongs to the same round. `lost`: a connection that had
 * been there was lost, for whatever reason. `refused`: the same was presented again and again, and no connection has lasted.
 */
export type DialsSay = 'nothing' | 'lost' | 'refused';

/** A round that comes so many waits after the one before: a connection has lasted in between. */
const LASTED_WAITS = 5;
/** The shortest time for that, in ms. */
const LASTED_MS = 10_000;
/** The longest time for one round, in ms: a driver dials all servers of its pool without a pause. */
const ROUND_MS = 1_000;
/** After so many rounds the servers are suspected of refusing what is presented. */
const REFUSED_ROUNDS = 3;

/**
 * The round that a dial belongs to.
 * @param isSame whether two of what was presented say the same.
 * @param waitMs the pause of the driver between two dials of one server.
 */
export function nextRound<T>(
  before: DialRound<T> | undefined,
  presented: T,
  now: number,
  isSame: (one: T, other: T) => boolean,
  waitMs: number,
): { readonly round: DialRound<T>; readonly lasted: boolean; readonly says: DialsSay } {
  const sinceMs = before ? now - before.at : 0;
  const lasted = sinceMs >= Math.max(LASTED_MS, LASTED_WAITS * waitMs);
  if (!before || !isSame(before.presented, presented))
    return { round: { presented, at: now, count: 1 }, lasted, says: 'nothing' };
  if (sinceMs < Math.min(ROUND_MS, waitMs / 2))
    return { round: { ...before, presented }, lasted, says: 'nothing' };
  const count = lasted ? 2 : before.count + 1;
  return {
    round: { presented, at: now, count },
    lasted,
    says: count >= REFUSED_ROUNDS ? 'refused' : 'lost',
  };
}
