import { fileURLToPath } from 'node:url';

import { createAccount, createCurve, createUser } from '@nats-io/nkeys';
import { startNatsServer } from 'nestjs-nats-auth/testing';

import { calloutServerConfig } from '../../libs/callout/index.js';
import { Child } from '../child/child.js';
import { round } from '../stats.js';
import type { CalloutArgument, CalloutCommands } from './callout-process.js';
import type { ClientsCommands } from './clients-process.js';

/** What a herd comes to. */
export interface HerdFigures {
  readonly clients: number;
  readonly admittedAtFirstTry: number;
  /** From the first dial until the last client was admitted. */
  readonly seconds: number;
  readonly calloutCpuSeconds: number;
}

/** What nats-server waits by default. */
const AUTH_TIMEOUT_MS = 2_000;
/** Processes of clients: one that dials for all would be what is measured. */
const PROCESSES = 2;
/** From the word to go: time for it to reach every process. */
const HEADSTART_MS = 200;

/** So many clients dial one server at once; one instance of a callout admits them. */
export async function measureHerd(clients: number): Promise<HerdFigures> {
  const [issuer, curve, user] = [createAccount(), createCurve(), createUser()];
  const seed = (pair: { getSeed(): Uint8Array }) => new TextDecoder().decode(pair.getSeed());
  const server = await startNatsServer({
    config: calloutServerConfig({
      issuer: issuer.getPublicKey(),
      users: [{ nkey: user.getPublicKey() }],
      accounts: ['APP'],
      xkey: curve.getPublicKey(),
      timeout: AUTH_TIMEOUT_MS,
    }),
  });
  const argument: CalloutArgument = {
    url: server.url,
    user: seed(user),
    options: { issuer: seed(issuer), xkey: seed(curve), accounts: ['APP'] },
  };
  const callout = await Child.start<CalloutCommands>(script('callout-process.js'), argument);
  const crowd = await Promise.all(
    Array.from({ length: PROCESSES }, () =>
      Child.start<ClientsCommands>(script('clients-process.js'), { port: server.port }),
    ),
  );
  try {
    // The engine and the kernel are not new to this any more.
    await Promise.all(crowd.map((child) => child.ask('dial', { clients: 50, at: 0 })));
    const before = await callout.ask('cpuMicros', undefined);
    const at = Date.now() + HEADSTART_MS;
    const share = clients / PROCESSES;
    const reports = await Promise.all(crowd.map((child) => child.ask('dial', { clients: share, at })));
    const cpuMicros = (await callout.ask('cpuMicros', undefined)) - before;
    const last = Math.max(...reports.map((report) => report.lastAdmittedAt));
    return {
      clients,
      admittedAtFirstTry: reports.reduce((sum, { admitted }) => sum + admitted, 0),
      seconds: round((last - at) / 1_000, 2),
      calloutCpuSeconds: round(cpuMicros / 1e6, 2),
    };
  } finally {
    await Promise.all([...crowd, callout].map((child) => child.end()));
    await server.stop();
  }
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
