import type { INestApplicationContext } from '@nestjs/common';
import { NatsAuthService } from 'nestjs-nats-auth';

import { IssuerClient } from '../issuer/issuer.client.js';

/** What happened to the connections of the services. */
export interface Counts {
  refreshes: number;
  rejections: number;
  reconnects: number;
  rotations: number;
}

/** Prints a line with who says it. */
export function say(who: string, what: string): void {
  console.log(`${new Date().toISOString().slice(11, 23)}  ${who.padEnd(8)} ${what}`);
}

/** Prints and counts what happens to the connection of one service. */
export function narrate(who: string, app: INestApplicationContext, counts: Counts): void {
  const nats = app.get(NatsAuthService);
  const issuer = app.get(IssuerClient, { strict: false });
  nats.on('refreshed', ({ reason, durationMs }) => {
    counts.refreshes++;
    say(who, `fetched password v${issuer.version} in ${durationMs.toFixed(0)} ms (${reason})`);
  });
  nats.on('rejected', ({ error }) => {
    counts.rejections++;
    say(who, `the server said no: ${error.serverMessage}`);
  });
  nats.on('connected', ({ kind, server }) => {
    if (kind === 'reconnect') counts.reconnects++;
    say(who, `connected to ${server} as user '${who}-v${issuer.version}' (${kind})`);
  });
  nats.on('rotated', ({ outcome, durationMs }) => {
    if (outcome === 'success') counts.rotations++;
    say(who, `rotation: ${outcome} after ${durationMs.toFixed(0)} ms`);
  });
}
