import { transitionsOf } from '../../base/transitions.fixture.js';
import { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import { type Answer, INITIAL, next, type SourceChange, type SourceState } from './source-state.js';

export const OLD = new ResolvedUserInfo({ token: 'old' }, 0);
export const CURRENT: Answer = {
  userInfo: new ResolvedUserInfo({ token: 'current' }, 0),
  audience: 'shared',
};

const of = (type: 'presented' | 'accepted' | 'rejected' | 'suspected'): SourceChange => ({
  type,
  userInfo: CURRENT.userInfo,
});

/** One of each kind, of the current user info. */
export const CHANGES: readonly SourceChange[] = [
  of('accepted'),
  { type: 'answered', answer: { ...CURRENT } },
  { type: 'began afresh' },
  { type: 'dialled', server: 'nats-1:4222' },
  { type: 'failed', userInfo: CURRENT.userInfo, sent: true, at: 0, keepForMs: () => 1_000 },
  { type: 'failed', userInfo: CURRENT.userInfo, sent: false, at: 0, keepForMs: () => 1_000 },
  of('presented'),
  of('rejected'),
  of('suspected'),
  { type: 'closed' },
];

const usable = next(INITIAL, { type: 'answered', answer: CURRENT });

const rejected = next(usable, of('rejected'));
const unproven = next(rejected, { type: 'answered', answer: CURRENT });

/** All but the last. */
export const STATES: readonly SourceState[] = [INITIAL, rejected, usable, unproven];

/** The transitions between states of different names; `rejected` and what is unproven after it are states of their own. */
export const transitions = () =>
  transitionsOf({ start: INITIAL, events: CHANGES, next, nameOf: ({ name }) => name }, [...STATES]);
