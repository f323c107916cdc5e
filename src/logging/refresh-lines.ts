import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { type Clock, describeError, type Emitter } from '../../libs/base/index.js';
import { type Role, ROLES } from '../../libs/credentials/index.js';
import { codeOf } from './fields.js';
import type { Log } from './log.js';
import { Troubles } from './trouble.js';
import { described, duration, validity } from './words.js';

type Caller = Role | 'shared';

/** Provider calls: those that fail are told when it begins and while it goes on, the others to who looks closely. */
export function logRefreshes(events: Emitter<NatsAuthEvents>, log: Log, clock: Clock): void {
  const failures = new Troubles<Caller>(clock);
  const fallbacks = new Troubles<Role>(clock);

  events.on('refreshed', ({ connection, role, reason, attempt, durationMs, userInfo }) => {
    const [trouble] = madeGoodBy(role).flatMap((caller) => failures.end(caller) ?? []);
    for (const one of ROLES) fallbacks.end(one);
    const lasted = trouble && ` after ${duration(trouble.lastedMs)} and ${trouble.times} in vain`;
    const text = `refreshed (${reason}) in ${duration(durationMs)}${lasted ?? ''}, ${described(userInfo)}`;
    const { kind: credentials, expiresAt } = userInfo;
    const fields = { event: 'refreshed', connection, role, reason, attempt, durationMs };
    const level = trouble ? 'log' : 'debug';
    log(level, `${connection}: ${text}`, { ...fields, credentials, expiresAt, failedMs: trouble?.lastedMs });
  });
  events.on('refreshFailed', (event) => {
    const { connection, role, reason, cause, attempt, durationMs, error, retryInMs, validForMs } = event;
    if (cause === 'cancelled') return;
    const why = describeError(error);
    const trouble = failures.of(role);
    const news = trouble.happens(`${cause} ${why.replace(/\d+/g, '#')}`);
    if (news === undefined) return;
    const onAndOn = `fails for ${duration(trouble.lastedMs)} (${trouble.times} times), attempt ${attempt}`;
    const once = `failed after ${duration(durationMs)}, attempt ${attempt}`;
    const text = [
      `refresh (${reason}) ${news === 'again' ? onAndOn : once}: ${why.replace(/\.$/, '')}`,
      ...(retryInMs === undefined ? [] : [`next call in ${duration(retryInMs)}`]),
      ...(validForMs === undefined ? [] : [validity(validForMs)]),
    ].join('; ');
    log('warn', `${connection}: ${text}`, {
      event: 'refreshFailed',
      connection,
      role,
      reason,
      cause,
      attempt,
      durationMs,
      error: why,
      code: codeOf(error),
      retryInMs,
      validForMs,
      failedMs: trouble.lastedMs,
    });
  });
  events.on('reused', ({ connection, role, kind, userInfo }) => {
    const { kind: credentials, resolvedAt, expiresAt } = userInfo;
    const fields = { event: 'reused', connection, role, kind, credentials, resolvedAt, expiresAt };
    const what = `${described(userInfo)}, issued ${duration(clock.now() - resolvedAt)} ago`;
    if (kind !== 'stale')
      return log('debug', `${connection}/${role}: presents user info again (${kind}): ${what}`, fields);
    if (fallbacks.of(role).happens(kind) === undefined) return;
    const text = `presents stale user info, because the provider fails: ${what}`;
    log('warn', `${connection}/${role}: ${text}`, fields);
  });
  events.on('refreshScheduled', ({ connection, role, at }) => {
    const when =
      at === undefined
        ? 'no refresh ahead of expiry is planned'
        : `the next refresh ahead of expiry is at ${new Date(at).toISOString()}, in ${duration(at - clock.now())}`;
    log('debug', `${connection}: ${when}`, { event: 'refreshScheduled', connection, role, at });
  });
}

/** Whose failures a call makes good. */
function madeGoodBy(role: Caller): readonly Caller[] {
  return role === 'shared' ? ['shared', ...ROLES] : [role, 'shared'];
}
