import type { Role } from '../provider/user-info-provider.js';
import type { ResolvedUserInfo } from '../user-info/resolved-user-info.js';

/** What a provider call gave, and what it was asked for: a provider may choose by the role. */
export interface Answer {
  readonly userInfo: ResolvedUserInfo;
  readonly audience: Role | 'shared';
}

/** What has failed since a server accepted something, or somebody asked for a new beginning. */
export interface Failures {
  /** Rejections, and suspicions of one, in a row. */
  readonly refusals: number;
  /** Answers in a row that no server has judged: the dials failed for other reasons. */
  readonly unused: number;
  /** The servers that were dialled, as `host:port`. */
  readonly dialled: ReadonlySet<string | undefined>;
}

/** What a source has to present. */
export type SourceState =
  /** Nothing: it was never asked, or what it had is suspected of having been rejected. */
  | { readonly name: 'none'; readonly failures: Failures }
  /** Nothing: a server has rejected what it had, and the next provider call says so. */
  | { readonly name: 'rejected'; readonly failures: Failures }
  | {
      readonly name: 'usable';
      readonly failures: Failures;
      readonly answer: Answer;
      /** No server has accepted anything since one has rejected what there was before. */
      readonly unproven: boolean;
      /** How many establishments are presenting it at this moment. */
      readonly presenting: number;
      /** Whether it was sent to a server. */
      readonly sent: boolean;
      /**
       * A dial has failed with it, and it is presented again: `unsent` as long as enough of its lifetime is left, otherwise for a while.
       * Both in ms, since the epoch and from then.
       */
      readonly kept?: 'unsent' | { readonly since: number; readonly forMs: number };
    }
  | { readonly name: 'closed' };

/** What happens to a source. */
export type SourceChange =
  /** A provider call has given this. */
  | { readonly type: 'answered'; readonly answer: Answer }
  | { readonly type: 'dialled'; readonly server: string | undefined }
  /** An establishment presents this to a server. */
  | { readonly type: 'presented'; readonly userInfo: ResolvedUserInfo }
  /** How that ended; `suspected`: the server may have rejected it, but has not said so. */
  | { readonly type: 'accepted' | 'rejected' | 'suspected'; readonly userInfo: ResolvedUserInfo }
  /** It ended in a way that says nothing about the user info itself. */
  | {
      readonly type: 'failed';
      readonly userInfo: ResolvedUserInfo;
      /** Whether the server had received it. */
      readonly sent: boolean;
      /** In ms since the epoch. */
      readonly at: number;
      /** For how long to keep it after so many answers that were not judged, in ms. */
      readonly keepForMs: (unused: number) => number;
    }
  /** What has failed before holds nothing back any more. */
  | { readonly type: 'began afresh' }
  | { readonly type: 'closed' };

const NO_FAILURES: Failures = { refusals: 0, unused: 0, dialled: new Set() };

export const INITIAL: SourceState = { name: 'none', failures: NO_FAILURES };

/** The only way from one state to the next. A late word about user info that is not current any more changes nothing, unless it is good. */
export function next(state: SourceState, change: SourceChange): SourceState {
  if (state.name === 'closed') return state;
  switch (change.type) {
    case 'answered': {
      const unproven = state.name === 'rejected' || (state.name === 'usable' && state.unproven);
      const { answer } = change;
      return { name: 'usable', failures: state.failures, answer, unproven, presenting: 0, sent: false };
    }
    case 'dialled':
      return withServer(state, change.server);
    case 'presented':
      return isCurrent(state, change.userInfo) ? { ...state, presenting: state.presenting + 1 } : state;
    case 'accepted':
      return accepted(state, change.userInfo);
    case 'failed':
      return isCurrent(state, change.userInfo) ? kept(presentedOnce(state), change) : state;
    case 'rejected':
    case 'suspected':
      return isCurrent(state, change.userInfo) ? refused(state, change.type) : state;
    case 'began afresh':
      return withoutFailures(state);
    case 'closed':
      return { name: 'closed' };
  }
}

/** The user info that a source has to present. */
export function currentOf(state: SourceState): ResolvedUserInfo | undefined {
  return state.name === 'usable' ? state.answer.userInfo : undefined;
}

/** Whether a server has rejected what was presented, and none has accepted anything since. */
export function isAfterRejection(state: SourceState): boolean {
  return state.name === 'rejected' || (state.name === 'usable' && state.unproven);
}

/** Rejections, and suspicions of one, in a row. */
export function refusalsOf(state: SourceState): number {
  return state.name === 'closed' ? 0 : state.failures.refusals;
}

/** Whether a dial has failed with it a short while ago, and it stays valid for as long as it is kept. */
export function isKept({ answer, kept }: Usable, now: number): boolean {
  if (!kept) return false;
  if (kept === 'unsent') return hasLifeLeft(answer.userInfo, now);
  return Math.abs(now - kept.since) < kept.forMs && answer.userInfo.remaining(now) > kept.forMs;
}

/** The part of a lifetime that user info must have left to be presented for the first time long after it was fetched. */
const LEAST_LEFT = 0.1;

/** Whether enough is left of a lifetime for a new connection. */
export function hasLifeLeft(userInfo: ResolvedUserInfo, now: number): boolean {
  const { expiresAt, resolvedAt } = userInfo;
  return expiresAt === undefined || userInfo.remaining(now) > LEAST_LEFT * (expiresAt - resolvedAt);
}

export type Usable = Extract<SourceState, { name: 'usable' }>;
type Open = Exclude<SourceState, { name: 'closed' }>;

function isCurrent(state: Open, userInfo: ResolvedUserInfo): state is Usable {
  return currentOf(state) === userInfo;
}

function withServer<S extends Open>(state: S, server: string | undefined): S {
  const { failures } = state;
  if (failures.dialled.has(server)) return state;
  return { ...state, failures: { ...failures, dialled: new Set([...failures.dialled, server]) } };
}

function accepted(state: Open, userInfo: ResolvedUserInfo): SourceState {
  if (state.name !== 'usable') return { name: 'none', failures: NO_FAILURES };
  const proven = { ...state, failures: NO_FAILURES, kept: undefined, unproven: false };
  return isCurrent(state, userInfo) ? { ...presentedOnce(proven), sent: true } : proven;
}

function refused({ failures, unproven }: Usable, how: 'rejected' | 'suspected'): SourceState {
  const name = how === 'rejected' || unproven ? 'rejected' : 'none';
  return { name, failures: { ...failures, refusals: failures.refusals + 1 } };
}

function presentedOnce(state: Usable): Usable {
  return { ...state, presenting: Math.max(0, state.presenting - 1) };
}

/** While servers cannot be used, dials are more frequent than the provider should be called: its calls back off. */
function kept(before: Usable, { at, sent, keepForMs }: Extract<SourceChange, { type: 'failed' }>): Usable {
  const state = { ...before, sent: before.sent || sent };
  if (!state.sent) return { ...state, kept: 'unsent' };
  if (state.kept !== 'unsent' && isKept(state, at)) return state;
  const unused = state.failures.unused + 1;
  return {
    ...state,
    failures: { ...state.failures, unused },
    kept: { since: at, forMs: keepForMs(unused) },
  };
}

function withoutFailures(state: Open): Open {
  if (state.name === 'usable') return { ...state, failures: NO_FAILURES, kept: undefined };
  return { name: state.name, failures: NO_FAILURES };
}
