import { Logger } from '@nestjs/common';

import {
  ConnectRefusedError,
  type NatsAuthEvents,
  RejectedError,
  ServerUnreachableError,
} from '../../libs/connection/index.js';
import { describeError, type Emitter, type NatsAuthError, quoted } from '../../libs/base/index.js';
import type { Role, UserInfoSummary } from '../../libs/credentials/index.js';

/** So many subjects tell which part of the application has subscribed them. */
const MOST_SUBJECTS = 3;

/**
 * Logs one line for each change of state, and nothing for a message. Why dials fail is told once for each kind of reason, until the
 * connection is lost again. No line holds a secret. A warning is something that
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
  /** Why dials of each role's connection have failed, as far as it was told. */
  const told = new Map<Role, Set<string>>();
  const isNews = (role: Role, error: NatsAuthError): boolean => {
    const known = told.get(role) ?? new Set();
    told.set(role, known);
    const kind = kindOf(error);
    const isNew = !known.has(kind);
    known.add(kind);
    return isNew;
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
    told.delete(role);
  });
  let clockHinted = false;
  events.on('rejected', ({ connection, role, error, afterExpiryMs = 0 }) => {
    if (isNews(role, error)) logger.warn(`${connection}/${role}: ${describeError(error)}`);
    if (clockHinted || Math.abs(afterExpiryMs) < FAR_FROM_EXPIRY_MS) return;
    clockHinted = true;
    logger.warn(`${connection}/${role}: ${clockHint(afterExpiryMs)}`);
  });
  events.on('connectFailed', ({ connection, role, server, error }) => {
    if (!isNews(role, error)) return;
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
  events.on('subscriptionRefused', ({ connection, role, problem, tolerated }) => {
    const what = role === 'server' ? 'its handler hears nothing' : 'no reply to a request arrives';
    const line = `${connection}/${role}: a subscription was refused, ${what}: ${problem}`;
    if (tolerated) logger.log(`${line}, as 'handlers.mayBeRefused' allows`);
    else logger.error(line);
  });
  events.on('subscriptionRestored', ({ connection, role, problem, stillRefused }) => {
    const rest = stillRefused > 0 ? `, ${stillRefused} still refused` : '';
    logger.log(
      `${connection}/${role}: a subscription that was refused is accepted${rest}: no longer, ${problem}`,
    );
  });
  events.on('subscriptionsLeft', ({ connection, role, subjects }) => {
    const some = subjects.slice(0, MOST_SUBJECTS).map(quoted).join(', ');
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
    told.delete(role);
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

/** So far from the expiry that was reckoned with, a server of the same time does not end a connection; in ms. */
const FAR_FROM_EXPIRY_MS = 5_000;

function clockHint(afterExpiryMs: number): string {
  const off = duration(Math.abs(afterExpiryMs));
  return (
    `the server ended the connection as expired ${off} ${afterExpiryMs < 0 ? 'before' : 'after'} the expiry of its credentials by the` +
    ` clock of this machine: compare the clocks of this machine, of the server and of who issues the credentials. If the clocks agree, an` +
    ` auth callout may give less time than the credentials have: let the provider return 'expiresAt'. (Told once.)`
  );
}

/** Groups errors for logging once: two of the same kind differ at most in the address. */
function kindOf(error: NatsAuthError): string {
  if (error instanceof ServerUnreachableError) return `${error.code} ${error.reason}`;
  const said = error instanceof RejectedError || error instanceof ConnectRefusedError;
  return `${error.name} ${said ? String(error.serverMessage) : ''}`;
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
