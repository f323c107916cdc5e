import 'reflect-metadata';
import { appendFileSync } from 'node:fs';

import { type Lane, withLane } from './app.js';
import { craftedSubjects } from './checks/crafted-subjects.js';
import { badMessages } from './checks/bad-messages.js';
import { callout } from './checks/callout.js';
import { events } from './checks/events.js';
import { failedStart } from './checks/failed-start.js';
import { gracefulShutdown } from './checks/graceful-shutdown.js';
import { health } from './checks/health.js';
import { injectedConnection } from './checks/injected-connection.js';
import { logLines } from './checks/log-lines.js';
import { ownClient } from './checks/own-client.js';
import { passwordChange } from './checks/password-change.js';
import { requestContext, stockRequestContext } from './checks/request-context.js';
import { requestResponse } from './checks/request-response.js';
import { status } from './checks/status.js';
import { statusAfterRecovery } from './checks/status-after-recovery.js';
import { tracing } from './checks/tracing.js';
import { streamsEnd, waysOut } from './checks/ways-out.js';

const CHECKS: Readonly<Record<string, (lane: Lane) => Promise<void>>> = {
  'request and response': requestResponse,
  events: events,
  'crafted subjects': craftedSubjects,
  'one bad message does not end the service': badMessages,
  'password change by reload': passwordChange,
  'lines of the log': logLines,
  'a start that fails': failedStart,
  'graceful shutdown': gracefulShutdown,
  health: health,
  'a connection that is injected': injectedConnection,
  'an auth callout': callout,
  status: status,
  'status after a recovery': statusAfterRecovery,
  'a provider that needs its own client': ownClient,
  'request context': requestContext,
  'request context, stock': stockRequestContext,
  tracing: tracing,
  'whatever way a handler leaves by': waysOut,
  'streams that nobody hears': streamsEnd,
};

/** Declares one test; each runner has its own way. */
export type DeclareTest = (name: string, run: () => Promise<void>, timeoutMs: number) => void;

/** Declares every check with the lane's own test runner. Outcomes go to the file that `LANE_REPORT` names. */
export function declareChecks(declare: DeclareTest): void {
  for (const [name, check] of Object.entries(CHECKS)) {
    declare(name, () => reported(name, () => withLane(check)), 60_000);
  }
}

async function reported(check: string, run: () => Promise<void>): Promise<void> {
  const began = Date.now();
  const report = (result: string) => {
    const file = process.env['LANE_REPORT'];
    if (file) appendFileSync(file, `${JSON.stringify({ check, result, ms: Date.now() - began })}\n`);
  };
  try {
    await run();
    report('ok');
  } catch (error) {
    report('failed');
    throw error;
  }
}
