import { CONNECTION_OF, type ConnectionState } from '../../libs/connection/index.js';
import type { Role } from '../../libs/credentials/index.js';
import type { LastError } from '../status/last-errors.js';
import type { Trouble } from '../status/troubles.js';
import type { HealthCondition, HealthState } from './conditions.js';
import type { HealthSettings } from './health-options.js';
import { inWords } from './in-words.js';

/**
 * Something that is wrong with a registration.
 * @public
 */
export interface HealthProblem {
  /** Which kind of problem it is. */
  readonly condition: HealthCondition;
  /** What it makes of the health. */
  readonly state: Exclude<HealthState, 'up'>;
  /** Whose connection it concerns; absent when it is the provider. */
  readonly role?: Role;
  /** What is wrong, and what happens next. */
  readonly reason: string;
  /** Since when, in ms since the epoch. */
  readonly since: number;
  /** The last error that belongs to it. */
  readonly lastError?: LastError;
}

/**
 * How well a registration is. It holds no secret.
 * @public
 */
export interface NatsAuthHealthReport {
  /** The worst of its problems; `up` without one. */
  readonly state: HealthState;
  /** The worst first. */
  readonly problems: readonly HealthProblem[];
}

/** What the health of one role's connection follows from. */
export interface RoleFacts {
  readonly role: Role;
  readonly state: ConnectionState;
  /** Since when it is connected, or is not, in ms since the epoch. */
  readonly since: number;
  /** For how long somebody has wanted it and it has not been there, in ms. */
  readonly downMs?: number;
  readonly server?: string;
  /** Of the user info in use, in ms since the epoch. */
  readonly resolvedAt?: number;
  readonly expiresAt?: number;
  readonly refusedSubscriptions: readonly string[];
  readonly lastError?: LastError;
  readonly refused?: Trouble;
  readonly rotation?: Trouble;
  readonly stale?: Trouble;
  readonly lameDuck?: Trouble;
  /** Failures of the provider, in calls that were for this role. */
  readonly provider?: Trouble;
}

type Finding = Omit<HealthProblem, 'state'>;

/** In the last tenth of the lifetime, as the alert `NatsAuthCredentialsExpiring` has it. */
const LAST_PART = 0.1;

/** What is wrong at `now`, in ms since the epoch, and what `settings` make of it. */
export function healthReport(
  roles: readonly RoleFacts[],
  settings: HealthSettings,
  now: number,
): NatsAuthHealthReport {
  const found = roles.flatMap((facts) => findings(facts, settings.graceTime, now));
  const problems = [...found, ...ofProvider(roles, now)].flatMap((finding) => judged(finding, settings));
  problems.sort((one, other) => rank(one.state) - rank(other.state));
  return { state: problems[0]?.state ?? 'up', problems };
}

function judged(finding: Finding, { conditions, required }: HealthSettings): HealthProblem[] {
  const state = conditions[finding.condition];
  if (state === 'up') return [];
  const matters = finding.role === undefined || required.includes(finding.role);
  return [{ ...finding, state: matters ? state : 'degraded' }];
}

function rank(state: HealthProblem['state']): number {
  return state === 'down' ? 0 : 1;
}

/** The worst ones first. */
function findings(facts: RoleFacts, graceTime: number, now: number): Finding[] {
  return [
    absence(facts, graceTime),
    deafness(facts),
    ...ofUserInfo(facts, now),
    ...ofMoves(facts, now),
  ].filter((finding) => finding !== undefined);
}

function absence(
  { role, state, since, downMs, lastError }: RoleFacts,
  graceTime: number,
): Finding | undefined {
  if (downMs === undefined) return undefined;
  const finding = { role, since, lastError };
  // The server is what fails the start.
  if (state === 'closed' && role !== 'server') {
    const reason = `the ${CONNECTION_OF[role]} could not be opened, first ${inWords(downMs)} ago; the next call tries again`;
    return { ...finding, condition: 'connectFailed', reason };
  }
  if (downMs > graceTime) {
    const next = state === 'closed' ? '' : '; it is being dialled';
    const reason = `the ${CONNECTION_OF[role]} has been ${state} for ${inWords(downMs)}${next}`;
    return { ...finding, condition: 'disconnected', reason };
  }
  // A first connect that takes its time is no problem yet.
  if (state === 'connecting' && !lastError) return undefined;
  const what = state === 'connecting' ? 'has not been opened' : 'has been lost';
  const reason = `the ${CONNECTION_OF[role]} ${what} for ${inWords(downMs)}; it is being dialled`;
  return { ...finding, condition: 'reconnecting', reason };
}

const DEAFNESS: Readonly<Record<Role, string>> = {
  server: 'handlers of the server connection are not subscribed',
  client: 'replies to requests of the client connection do not arrive',
  connection: 'subscriptions of the injected connection hear nothing',
};

function deafness({ role, since, refusedSubscriptions, refused }: RoleFacts): Finding | undefined {
  if (refusedSubscriptions.length === 0) return undefined;
  const reason = `${DEAFNESS[role]}: ${refusedSubscriptions.join('; ')}`;
  return { condition: 'subscriptionsRefused', role, reason, since: refused?.since ?? since };
}

function ofUserInfo(facts: RoleFacts, now: number): (Finding | undefined)[] {
  const { role, state, resolvedAt, stale } = facts;
  if (state !== 'connected' || resolvedAt === undefined) return [];
  const age = `the credentials that it got ${inWords(now - resolvedAt)} ago`;
  return [
    expiry(facts, resolvedAt, now),
    stale && {
      condition: 'staleUserInfo',
      role,
      since: stale.since,
      lastError: stale.lastError,
      reason: `the ${CONNECTION_OF[role]} has presented ${age} again, because the provider failed`,
    },
  ];
}

function expiry(facts: RoleFacts, resolvedAt: number, now: number): Finding | undefined {
  const { role, expiresAt, provider, rotation } = facts;
  if (expiresAt === undefined) return undefined;
  const lastError = (provider ?? rotation)?.lastError;
  const left = expiresAt - now;
  const whose = `the credentials of the ${CONNECTION_OF[role]}`;
  if (left <= 0) {
    const reason = `${whose} expired ${inWords(-left)} ago; the server may end it at any time`;
    return { condition: 'credentialsExpired', role, since: expiresAt, lastError, reason };
  }
  const lastPart = LAST_PART * (expiresAt - resolvedAt);
  // Without a failure it may be meant: rotation.mode 'none', or a refresh that comes late.
  if (left > lastPart || !(provider ?? rotation)) return undefined;
  const reason = `${whose} expire in ${inWords(left)} and have not been replaced`;
  return { condition: 'credentialsExpiring', role, since: expiresAt - lastPart, lastError, reason };
}

function ofMoves(
  { role, state, server, rotation, lameDuck }: RoleFacts,
  now: number,
): (Finding | undefined)[] {
  if (state !== 'connected') return [];
  return [
    rotation && {
      condition: 'rotationFailing',
      role,
      since: rotation.since,
      lastError: rotation.lastError,
      reason: `the ${CONNECTION_OF[role]} could not be replaced, ${times(rotation, now)}; the old one serves`,
    },
    lameDuck && {
      condition: 'lameDuck',
      role,
      since: lameDuck.since,
      reason: `the server ${server ?? ''} of the ${CONNECTION_OF[role]} is about to close it (lame-duck mode), and it has not moved to another one`,
    },
  ];
}

/** One for all roles that share the failing calls. */
function ofProvider(roles: readonly RoleFacts[], now: number): Finding[] {
  const failing = new Set(roles.flatMap(({ provider }) => provider ?? []));
  return [...failing].map((trouble) => ({
    condition: 'providerFailing',
    since: trouble.since,
    lastError: trouble.lastError,
    reason: `the user info provider has failed ${times(trouble, now)}; ${nextCall(trouble, now)}`,
  }));
}

function nextCall({ nextAt }: Trouble, now: number): string {
  if (nextAt === undefined) return 'it is not asked again before the next connect or refresh';
  return `it is asked again ${nextAt > now ? `in ${inWords(nextAt - now)}` : 'now'}`;
}

function times({ count, since }: Trouble, now: number): string {
  return count === 1 ? `${inWords(now - since)} ago` : `${count} times in ${inWords(now - since)}`;
}
