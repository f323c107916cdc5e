import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';

import type { UserPermissions } from '../../libs/callout/index.js';
import { permissionSet } from '../../libs/callout/acceptance/permission-set.js';
import { type NatsServer, type NatsServerRelease, startNatsCluster } from '../../libs/testing/index.js';
import type { TestedDriver } from '../drivers/drivers.js';
import { createOperatorMode, type MintOptions } from '../support/operator-mode.js';
import { serverForTest } from '../support/server-for-test.js';

const VIOLATION = /(?:Publish|Subscription|Reply) Violation.*/g;

/** Servers whose users have the permissions that an authorizer gives them, in JWTs of the form that a callout writes. */
export async function permittedWorld(release: NatsServerRelease, { size = 1, jetStream = false } = {}) {
  const operator = await createOperatorMode({ jetStream });
  const options = { release, config: await operator.config(), jetstream: jetStream };
  const servers = size === 1 ? [await serverForTest(options)] : await cluster(size, options);
  const urls = servers.map(({ url }) => url);
  const mint = async (permissions: UserPermissions | undefined) => {
    const claims = permissionSet(permissions) as MintOptions['permissions'];
    const { creds } = await operator.mintUser({ permissions: claims });
    return { creds };
  };
  return {
    servers,
    urls,
    mint,
    /** A provider of fresh users with these permissions. */
    provider: (permissions: UserPermissions) => ({ getUserInfo: () => mint(permissions) }),
    /** What the servers refused, as they logged it. */
    violations: async () => (await Promise.all(servers.map(violationsOf))).flat(),
    /** A plain connection of that driver. */
    connectWith: async ({ plainConnect }: TestedDriver, permissions: UserPermissions) => {
      const authenticator = authenticatorOf(await mint(permissions));
      const nc = await plainConnect({ servers: urls, authenticator });
      onTestFinished(() => nc.close());
      return nc;
    },
    /** A plain connection of a user with these permissions; without any it may do all. */
    connect: async (permissions?: UserPermissions) => {
      const nc = await connect({ servers: urls, authenticator: authenticatorOf(await mint(permissions)) });
      onTestFinished(() => nc.close());
      return nc;
    },
  };
}

/** Which of these subjects a user with these permissions may not publish, and not subscribe. */
export async function refusedOf(
  world: Awaited<ReturnType<typeof permittedWorld>>,
  permissions: UserPermissions,
  { publish = [], subscribe = [] }: { publish?: readonly string[]; subscribe?: readonly (string | Group)[] },
) {
  const before = (await world.violations()).length;
  const nc = await world.connect(permissions);
  for (const subject of publish) nc.publish(subject);
  for (const entry of subscribe) {
    const [subject, queue] = typeof entry === 'string' ? [entry] : entry;
    nc.subscribe(subject, { ...(queue !== undefined && { queue }), callback: () => {} });
  }
  await nc.flush();
  const lines = (await world.violations()).slice(before);
  const subjects = (kind: string) =>
    lines.filter((line) => line.startsWith(kind)).map((line) => /Subject "([^"]+)"/.exec(line)?.[1] ?? line);
  return { publish: subjects('Publish'), subscribe: subjects('Subscription') };
}

/** A subject and a queue group. */
type Group = readonly [string, string];

const authenticatorOf = ({ creds }: { creds: string }) => credsAuthenticator(new TextEncoder().encode(creds));

async function violationsOf(server: NatsServer): Promise<string[]> {
  return (await server.log()).match(VIOLATION) ?? [];
}

async function cluster(size: number, options: Parameters<typeof startNatsCluster>[1]) {
  const started = await startNatsCluster(size, options);
  onTestFinished(() => started.stop());
  return started.servers;
}
