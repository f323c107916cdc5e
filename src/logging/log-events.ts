import { Logger } from '@nestjs/common';

import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { describeError, type Emitter, type UserInfoSummary } from '../../libs/credentials/index.js';

/** Logs one line for each change of state, and nothing for a message. No line holds a secret. */
export function logEvents(events: Emitter<NatsAuthEvents>): void {
  const logger = new Logger('NatsAuth');
  events.on('connected', ({ connection, role, kind, server, userInfo }) => {
    logger.log(`${connection}/${role}: connected to ${server} (${kind}), ${describe(userInfo)}`);
  });
  events.on('disconnected', ({ connection, role, error }) => {
    logger.warn(`${connection}/${role}: disconnected${error ? `: ${describeError(error)}` : ''}`);
  });
  events.on('rejected', ({ connection, role, error }) => {
    logger.warn(`${connection}/${role}: ${describeError(error)}`);
  });
  events.on('rotated', ({ connection, role, mode, trigger, outcome, durationMs, error }) => {
    const rotation = `${connection}/${role}: rotation (${trigger}, ${mode})`;
    if (outcome === 'success') logger.log(`${rotation} took ${durationMs.toFixed(0)} ms`);
    else logger.warn(`${rotation} failed: ${describeError(error)}`);
  });
  events.on('cutOff', ({ connection, role, pending }) => {
    logger.warn(
      `${connection}/${role}: cut off ${pending} under way: they took longer than rotation.timeout`,
    );
  });
  events.on('lameDuck', ({ connection, role, server }) => {
    logger.log(`${connection}/${role}: ${server} announced lame-duck mode`);
  });
  events.on('closed', ({ connection, role, error }) => {
    if (error) logger.error(`${connection}/${role}: closed: ${describeError(error)}`);
    else logger.log(`${connection}/${role}: closed`);
  });
  events.on('refreshed', ({ connection, reason, durationMs, userInfo }) => {
    logger.debug(
      `${connection}: refreshed (${reason}) in ${durationMs.toFixed(0)} ms, ${describe(userInfo)}`,
    );
  });
  events.on('refreshFailed', ({ connection, reason, attempt, cause, error }) => {
    if (cause !== 'cancelled')
      logger.warn(`${connection}: refresh (${reason}) failed, attempt ${attempt}: ${describeError(error)}`);
  });
}

function describe(userInfo: UserInfoSummary): string {
  const { kind, expiresAt } = userInfo;
  return expiresAt === undefined ? kind : `${kind} valid until ${new Date(expiresAt).toISOString()}`;
}
