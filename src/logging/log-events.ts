import { Logger } from '@nestjs/common';

import type { NatsAuthEvents } from '../../libs/connection/index.js';
import type { Emitter, UserInfoSummary } from '../../libs/credentials/index.js';

/** Logs one line for each change of state, and nothing for a message. No line holds a secret. */
export function logEvents(events: Emitter<NatsAuthEvents>): void {
  const logger = new Logger('NatsAuth');
  events.on('connected', ({ connection, role, kind, server, userInfo }) => {
    logger.log(`${connection}/${role}: connected to ${server} (${kind}), ${describe(userInfo)}`);
  });
  events.on('disconnected', ({ connection, role, error }) => {
    logger.warn(`${connection}/${role}: disconnected${error ? `: ${error.message}` : ''}`);
  });
  events.on('rejected', ({ connection, role, error }) => {
    logger.warn(`${connection}/${role}: ${error.message}`);
  });
  events.on('closed', ({ connection, role, error }) => {
    if (error) logger.error(`${connection}/${role}: closed: ${error.message}`);
    else logger.log(`${connection}/${role}: closed`);
  });
  events.on('refreshed', ({ connection, reason, durationMs, userInfo }) => {
    logger.debug(
      `${connection}: refreshed (${reason}) in ${durationMs.toFixed(0)} ms, ${describe(userInfo)}`,
    );
  });
  events.on('refreshFailed', ({ connection, reason, attempt, cause, error }) => {
    if (cause !== 'cancelled')
      logger.warn(`${connection}: refresh (${reason}) failed, attempt ${attempt}: ${error.message}`);
  });
}

function describe(userInfo: UserInfoSummary): string {
  const { kind, expiresAt } = userInfo;
  return expiresAt === undefined ? kind : `${kind} valid until ${new Date(expiresAt).toISOString()}`;
}
