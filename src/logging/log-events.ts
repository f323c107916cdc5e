import { Logger } from '@nestjs/common';

import { type NatsAuthEvents, RejectedError } from '../../libs/connection/index.js';
import {
  describeError,
  type Emitter,
  type Role,
  shown,
  type UserInfoSummary,
} from '../../libs/credentials/index.js';

/** So many subjects tell which part of the application has subscribed them. */
const MOST_SUBJECTS = 3;

/**
 * Logs one line for each change of state, and nothing for a message. No line holds a secret. A warning is something that
 * is dealt with and may need somebody if it goes on; an error is a connection that is gone for good.
 */
export function logEvents(events: Emitter<NatsAuthEvents>): void {
  const logger = new Logger('NatsAuth');
  /** When each role's connection came or went, in ms. */
  const since = new Map<Role, number>();
  const sinceThen = (role: Role): string => {
    const [then, now] = [since.get(role), performance.now()];
    since.set(role, now);
    return then === undefined ? '' : ` after ${duration(now - then)}`;
  };
  events.on('connected', ({ connection, role, kind, userInfo, ...server }) => {
    const after = sinceThen(role);
    const how = kind === 'reconnect' ? kind + after : kind;
    logger.log(`${connection}/${role}: connected to ${named(server)} (${how}), ${describe(userInfo)}`);
  });
  events.on('disconnected', ({ connection, role, error }) => {
    // A rejection has had its line.
    const why = error && !(error instanceof RejectedError) ? `: ${describeError(error)}` : '';
    logger.warn(`${connection}/${role}: disconnected${sinceThen(role)}${why}`);
  });
  events.on('rejected', ({ connection, role, error }) => {
    logger.warn(`${connection}/${role}: ${describeError(error)}`);
  });
  events.on('connectFailed', ({ connection, role, server, error }) => {
    logger.warn(`${connection}/${role}: not connected to ${server}: ${describeError(error)}`);
  });
  events.on('outputDropped', ({ connection, role, messages }) => {
    logger.warn(`${connection}/${role}: dropped ${messages} messages that were published while disconnected`);
  });
  events.on('rotated', ({ connection, role, mode, trigger, outcome, durationMs, error, hint }) => {
    const rotation = `${connection}/${role}: rotation (${trigger}, ${mode})`;
    if (hint !== undefined) logger.warn(`${rotation} took ${duration(durationMs)}: ${hint}`);
    else if (outcome === 'success') logger.log(`${rotation} took ${duration(durationMs)}`);
    else logger.warn(`${rotation} failed after ${duration(durationMs)}: ${describeError(error)}`);
  });
  events.on('subscriptionRefused', ({ connection, role, problem }) => {
    logger.error(`${connection}/${role}: a subscription was refused, its handler hears nothing: ${problem}`);
  });
  events.on('subscriptionsLeft', ({ connection, role, subjects }) => {
    const some = subjects.slice(0, MOST_SUBJECTS).map(shown).join(', ');
    const more = subjects.length > MOST_SUBJECTS ? ` and ${subjects.length - MOST_SUBJECTS} more` : '';
    const what = `${connection}/${role}: the application's subscriptions to ${some}${more}`;
    logger.warn(`${what} end with the connection that was replaced: make them again on that of unwrap()`);
  });
  events.on('cutOff', ({ connection, role, pending, waitedMs }) => {
    logger.warn(`${connection}/${role}: cut off ${pending} that had not ended after ${duration(waitedMs)}`);
  });
  events.on('lameDuck', ({ connection, role, ...server }) => {
    logger.log(`${connection}/${role}: ${named(server)} announced lame-duck mode`);
  });
  events.on('closed', ({ connection, role, error }) => {
    if (error) logger.error(`${connection}/${role}: closed: ${describeError(error)}`);
    else logger.log(`${connection}/${role}: closed`);
  });
  events.on('refreshed', ({ connection, reason, durationMs, userInfo }) => {
    logger.debug(`${connection}: refreshed (${reason}) in ${duration(durationMs)}, ${describe(userInfo)}`);
  });
  events.on('refreshFailed', ({ connection, reason, attempt, cause, durationMs, error }) => {
    if (cause === 'cancelled') return;
    const what = `refresh (${reason}) failed after ${duration(durationMs)}, attempt ${attempt}`;
    logger.warn(`${connection}: ${what}: ${describeError(error)}`);
  });
}

/** The name as well: several servers may share an address. */
function named({ server, serverName }: { server: string; serverName?: string }): string {
  return serverName === undefined ? server : `${server}, server ${serverName}`;
}

/** As a person would say it: `12 ms`, `3.4 s`, `25 min`, `7.5 h`. */
function duration(ms: number): string {
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  if (ms < 3_600_000) return `${Number((ms / 60_000).toFixed(1))} min`;
  return `${Number((ms / 3_600_000).toFixed(1))} h`;
}

function describe(userInfo: UserInfoSummary): string {
  const { kind, expiresAt } = userInfo;
  return expiresAt === undefined ? kind : `${kind} valid until ${new Date(expiresAt).toISOString()}`;
}
