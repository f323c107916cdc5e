// The process under test: a service that calls itself through NATS and rotates every second, and does what the soak asks.
import 'reflect-metadata';

import { writeHeapSnapshot } from 'node:v8';

import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { firstValueFrom, timeout } from 'rxjs';

import { answer } from '../../child/commands.js';
import { createApp } from './app.js';
import { Heard } from './traffic/controller.js';
import { Events } from './traffic/events.js';
import { FaultWindow } from './traffic/fault-window.js';
import { measure } from './footprint.js';
import { Load } from './traffic/load.js';
import { MoodyProvider } from './moody-provider.js';
import { Problems } from './traffic/problems.js';
import type { Footprint, Harm, ProviderMood, ServiceOptions, Tally } from './protocol.js';
import { Requests } from './traffic/requests.js';
import { Rotations } from './rotations.js';

const RECOVER_WITHIN_MS = 30_000;
const PROBE_WITHIN_MS = 1_000;

const options = JSON.parse(process.argv[2] ?? '') as ServiceOptions;
const problems = new Problems();
// Node.js warns of too many listeners; and nothing may reject unheard.
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') problems.add(`a warning: ${message}`);
});
process.on('unhandledRejection', (reason) => problems.add(`a rejection unhandled: ${String(reason)}`));

const provider = new MoodyProvider(options.users);
const registry = new Registry();
const app = await createApp(options.servers, provider, registry, problems);
await app.listen();
const [client, nats] = [app.get(NatsAuthClient), app.get(NatsAuthService)];
await client.connect();

const window = new FaultWindow();
const requests = new Requests(client, window, problems);
const events = new Events(client, app.get(Heard).events, window, problems);
const load = new Load(requests, events, options.requestsPerSecond);
const rotations = new Rotations(nats, provider, window, problems);

/** What the service can be asked. */
export type ServiceCommands = typeof commands;

const commands = {
  /** Goes on with requests and rotations. */
  resume: (_: null) => {
    load.resume();
    rotations.resume();
  },
  /** Rests: nothing is sent, rotated or awaited any more. */
  rest: async (_: null) => {
    load.pause();
    await rotations.rest();
    await eventually(() => requests.pending === 0, { what: 'all answers', timeoutMs: 20_000 });
    await events.settle();
  },
  beginFault: (harm: Harm) => window.begin(harm),
  /** Waits until requests are answered again. */
  recover: async (_: null) => {
    await eventually(isWell, { what: 'requests to be answered again', timeoutMs: RECOVER_WITHIN_MS });
  },
  endFault: (_: null) => {
    requests.giveUp();
    window.end();
  },
  mood: (mood: ProviderMood) => {
    provider.mood = mood;
  },
  /** The user whose turn it is. */
  user: (_: null) => provider.current.user,
  footprint: async (_: null): Promise<Footprint> => {
    const metrics = await registry.getMetricsAsJSON();
    const series = metrics.reduce((sum, { values }) => sum + values.length, 0);
    return { ...(await measure(client.unwrap())), series, pending: requests.pending };
  },
  tally: (_: null): Tally => ({
    requests: requests.sent,
    answered: requests.answered,
    failedInFaults: requests.failedInFaults,
    events: events.sent,
    rotations: rotations.succeeded,
    rotationsFailedInFaults: rotations.failedInFaults,
    problems: problems.lines,
  }),
  /** Writes a heap snapshot to a file. */
  snapshot: (file: string) => void writeHeapSnapshot(file),
  /** Closes the application, which must leave no socket open. */
  close: async (_: null): Promise<void> => {
    await app.close();
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    await eventually(() => sockets() === 0, { what: 'all sockets to be closed' });
  },
};

answer(commands);

async function isWell(): Promise<boolean> {
  const { server, client: own } = nats.status.connections;
  if (server?.state !== 'connected' || own?.state !== 'connected') return false;
  return (await firstValueFrom(client.send('soak.probe', '').pipe(timeout(PROBE_WITHIN_MS)))) === 'there';
}
