import {
  type NatsCluster,
  type NatsServer,
  startNatsCluster,
  startNatsServer,
} from 'nestjs-nats-auth/testing';
import type { NatsAuthModuleOptions, UserInfo } from 'nestjs-nats-auth';

import { type AuthCallout, authCalloutConfig, startAuthCallout } from '../../support/auth-callout.js';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import { createOperatorMode, type OperatorMode } from '../../support/operator-mode.js';
import { createTlsFiles, type TlsFiles } from '../../support/tls.js';

/** What stands around the application: real servers, with a fault proxy in front of the first. */
export interface Stage {
  readonly server: NatsServer;
  readonly proxy: FaultProxy;
  /** The rest of its cluster. */
  readonly others?: readonly NatsServer[];
  /** What the application dials. */
  readonly addresses: string[];
  /** What its provider gives unless a fault says otherwise. */
  readonly userInfo: UserInfo;
  readonly options?: Partial<NatsAuthModuleOptions>;
  stop(): Promise<void>;
}

/** Configuration of a server that knows one user. */
export function svcWith(password: string, more = ''): string {
  return `${more}\nauthorization { users: [ { user: svc, password: "${password}" } ] }\n`;
}

export const PASSWORD = 'first-password';
const SVC: UserInfo = { user: 'svc', pass: PASSWORD };

/** A server with one user. */
export async function passwordStage(more = ''): Promise<Stage> {
  const server = await startNatsServer({ config: svcWith(PASSWORD, more) });
  const proxy = await startFaultProxy(server);
  return { server, proxy, addresses: [proxy.url], userInfo: SVC, stop: () => stopAll(proxy, server) };
}

/** One server that is reached at two addresses. */
export async function twoAddresses(): Promise<Stage & { readonly second: FaultProxy }> {
  const stage = await passwordStage();
  const second = await startFaultProxy(stage.server);
  return {
    ...stage,
    second,
    addresses: [stage.proxy.url, second.url],
    options: { connection: { noRandomize: true } },
    stop: () => stopAll(second, stage),
  };
}

export async function clusterStage(): Promise<Stage & { readonly cluster: NatsCluster }> {
  const cluster = await startNatsCluster(3, { config: svcWith(PASSWORD) });
  const [server, ...others] = cluster.servers;
  if (!server) throw new Error('A cluster without a server.');
  const proxy = await startFaultProxy(server);
  return {
    cluster,
    server,
    others,
    proxy,
    addresses: [server.url, ...others.map(({ url }) => url)],
    userInfo: SVC,
    options: { connection: { noRandomize: true } },
    stop: () => stopAll(proxy, cluster),
  };
}

/** A server whose clients an auth-callout service lets in; `service` can be stopped and started again. */
export async function calloutStage(): Promise<
  Stage & { readonly service: { start(delayMs?: number): Promise<void>; stop(): Promise<void> } }
> {
  // Short: the server waits that long for a service that is down.
  const config = authCalloutConfig().replace('authorization {', 'authorization { timeout: 0.4,');
  const server = await startNatsServer({ config });
  const proxy = await startFaultProxy(server);
  let callout: AuthCallout | undefined;
  const service = {
    start: async (delayMs?: number) => {
      await callout?.stop();
      callout = await startAuthCallout(server, {
        delayMs,
        decide: ({ connect_opts }) =>
          connect_opts.pass === PASSWORD
            ? { allow: { account: 'APP', name: 'svc' } }
            : { deny: 'wrong password' },
      });
    },
    stop: async () => {
      await callout?.stop();
      callout = undefined;
    },
  };
  await service.start();
  const stop = () => stopAll({ stop: service.stop }, proxy, server);
  return { server, proxy, service, addresses: [proxy.url], userInfo: SVC, stop };
}

/** A server in operator mode: users are JWTs that can expire and be revoked. */
export async function operatorStage(): Promise<Stage & { readonly operator: OperatorMode }> {
  const operator = await createOperatorMode();
  const server = await startNatsServer({ config: await operator.config() });
  const proxy = await startFaultProxy(server);
  const { creds } = await operator.mintUser();
  const stop = () => stopAll(proxy, server);
  return { operator, server, proxy, addresses: [proxy.url], userInfo: { creds }, stop };
}

/** A server that speaks TLS only. */
export async function tlsStage(): Promise<Stage & { readonly files: TlsFiles }> {
  const files = await createTlsFiles();
  const server = await startNatsServer({ config: svcWith(PASSWORD, files.config()) });
  const proxy = await startFaultProxy(server);
  return {
    files,
    server,
    proxy,
    addresses: [proxy.url],
    userInfo: SVC,
    // A path, so that a new authority is read with the next dial.
    options: { connection: { tls: { caFile: files.caFile }, reconnectJitterTLS: 10 } },
    stop: () => stopAll(proxy, server, { stop: () => files.remove() }),
  };
}

async function stopAll(...parts: { stop(): Promise<void> }[]): Promise<void> {
  for (const part of parts) await part.stop();
}
