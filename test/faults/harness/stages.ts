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
import { World } from './world.js';

/** What stands around the application: real servers. */
export interface Stage {
  /** The server that it dials first. */
  readonly server: NatsServer;
  /** All that can tell of the application's connections. */
  readonly world: World;
  /** What the application dials. */
  readonly addresses: string[];
  /** What its provider gives unless a fault says otherwise. */
  readonly userInfo: UserInfo;
  readonly options?: Partial<NatsAuthModuleOptions>;
  stop(): Promise<void>;
}

/** A server that is reached through a fault proxy. */
export interface ProxyStage extends Stage {
  readonly proxy: FaultProxy;
}

/** Configuration of a server that knows one user. */
export function svcWith(password: string, more = ''): string {
  return `${more}\nauthorization { users: [ { user: svc, password: "${password}" } ] }\n`;
}

export const PASSWORD = 'first-password';
/** The user of servers that have one. */
export const SVC: UserInfo = { user: 'svc', pass: PASSWORD };

/** A server with one user, unless it is configured to have more. */
export function passwordStage(config = svcWith(PASSWORD)): Promise<ProxyStage> {
  return behindProxy(config, SVC);
}

/** One server that is reached at two addresses. */
export async function twoAddresses(): Promise<ProxyStage & { readonly second: FaultProxy }> {
  const stage = await passwordStage();
  const second = await startFaultProxy(stage.server);
  return {
    ...stage,
    second,
    world: new World([stage.server], [stage.proxy, second]),
    addresses: [stage.proxy.url, second.url],
    options: { connection: { noRandomize: true } },
    stop: () => stopAll(second, stage),
  };
}

/** Three servers that the application dials itself. */
export async function clusterStage(): Promise<Stage & { readonly cluster: NatsCluster }> {
  const cluster = await startNatsCluster(3, { config: svcWith(PASSWORD) });
  const [server] = cluster.servers;
  if (!server) throw new Error('A cluster without a server.');
  return {
    cluster,
    server,
    world: new World(cluster.servers),
    addresses: cluster.urls,
    userInfo: SVC,
    options: { connection: { noRandomize: true } },
    stop: () => cluster.stop(),
  };
}

/** A server whose clients an auth-callout service lets in; `service` can be stopped and started again. */
export async function calloutStage(): Promise<
  ProxyStage & { readonly service: { start(delayMs?: number): Promise<void>; stop(): Promise<void> } }
> {
  // Short: the server waits that long for a service that is down.
  const config = authCalloutConfig().replace('authorization {', 'authorization { timeout: 0.4,');
  const stage = await behindProxy(config, SVC);
  let callout: AuthCallout | undefined;
  const service = {
    start: async (delayMs?: number) => {
      await callout?.stop();
      callout = await startAuthCallout(stage.server, {
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
  return { ...stage, service, stop: () => stopAll(service, stage) };
}

/** A server in operator mode: users are JWTs that can expire and be revoked. */
export async function operatorStage(): Promise<ProxyStage & { readonly operator: OperatorMode }> {
  const operator = await createOperatorMode();
  const { creds } = await operator.mintUser();
  return { ...(await behindProxy(await operator.config(), { creds })), operator };
}

/** A server that speaks TLS only. */
export async function tlsStage(): Promise<ProxyStage & { readonly files: TlsFiles }> {
  const files = await createTlsFiles();
  const stage = await behindProxy(svcWith(PASSWORD, files.config()), SVC);
  return {
    ...stage,
    files,
    // A path, so that a new authority is read with the next dial.
    options: { connection: { tls: { caFile: files.caFile }, reconnectJitterTLS: 10 } },
    stop: () => stopAll(stage, { stop: () => files.remove() }),
  };
}

async function behindProxy(config: string, userInfo: UserInfo): Promise<ProxyStage> {
  const server = await startNatsServer({ config });
  const proxy = await startFaultProxy(server);
  return {
    server,
    proxy,
    world: new World([server], [proxy]),
    addresses: [proxy.url],
    userInfo,
    stop: () => stopAll(proxy, server),
  };
}

async function stopAll(...parts: { stop(): Promise<void> }[]): Promise<void> {
  for (const part of parts) await part.stop();
}
