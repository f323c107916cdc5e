import { setTimeout as delay } from 'node:timers/promises';

import type { OrdersView } from '../page/system-view.js';
import { say } from './narrate.js';
import type { System } from './system.js';

/** What an unattended run came to. */
export interface CheckResult {
  /** How often each connection of a service rotated, at least. */
  readonly rotations: Readonly<Record<string, number>>;
  readonly refreshes: number;
  readonly refreshFailures: number;
  readonly rejections: number;
  readonly requests: number;
  readonly failed: number;
  readonly failedDuringRestart: number;
  /** While a service was revoked, which is to fail requests. */
  readonly failedWhileRevoked: number;
  readonly orders: OrdersView;
  /** The revisions of prices that the gateway was told of, and that it was not. */
  readonly prices: { readonly revision: number; readonly missed: number };
  /** What went otherwise than it should; empty when all is well. */
  readonly problems: readonly string[];
}

/** Each connection rotates at least this often. */
const ROTATIONS = 6;
/** A watch that goes on hears of so many changes more. */
const CHANGES = 3;
/** An outage of two token lifetimes, less this: tokens are dated in whole seconds, and a retry may be a second away. */
const OUTAGE_MARGIN_MS = 4_000;

/** Does to a system, under load, what it must survive without losing a request. */
export async function check(
  system: System,
  tokenLifetimeMs: number,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { services } = system;
  const each = (what: (service: (typeof services)[number]) => boolean) => () => services.every(what);
  const phase = (text: string) => say('check', text);
  const until = async (condition: () => boolean, what: string, withinMs: number) => {
    const deadline = Date.now() + withinMs;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1_000} s in vain for ${what}.`);
      await delay(50, undefined, { signal });
    }
  };
  const rotateOnce = async (why: string) => {
    const before = new Map(services.map((service) => [service, service.rotationsOfEach]));
    await until(
      each((service) => service.rotationsOfEach > (before.get(service) ?? 0)),
      `every service to rotate ${why}`,
      3 * tokenLifetimeMs,
    );
  };

  const allConnected = (why: string) =>
    until(
      each((service) => service.isConnected),
      `every service to be connected ${why}`,
      2 * tokenLifetimeMs,
    );

  phase('tokens expire; services rotate ahead of that');
  await rotateOnce('ahead of expiry');
  phase('the identity provider signs with a new key');
  await system.perform('rotate-signing-keys');
  await rotateOnce('to tokens of the new key');

  phase('a NATS server goes into lame-duck mode');
  await system.perform('lame-duck');
  await allConnected('after lame-duck mode');

  /** Does what may cost requests, and counts those that it cost. */
  const costing = async (play: () => Promise<void>) => {
    const before = system.traffic.failed;
    await play();
    // A request whose answer was lost fails only when its time is up.
    await system.trafficSettled();
    return system.traffic.failed - before;
  };
  phase('a NATS server restarts');
  const failedDuringRestart = await costing(async () => {
    await system.perform('restart-nats');
    await allConnected('after the restart');
  });
  phase('each service is revoked and restored');
  const failedWhileRevoked = await costing(async () => {
    for (const service of services) {
      const refusals = service.view().refreshFailures;
      await system.perform(`revoke-${service.name}`);
      await until(
        () => service.isCutOff && service.view().refreshFailures > refusals,
        `${service.name} to be cut off and refused`,
        tokenLifetimeMs,
      );
      await system.perform(`restore-${service.name}`);
      await allConnected(`after ${service.name} was restored`);
    }
  });

  const outageMs = 2 * tokenLifetimeMs - OUTAGE_MARGIN_MS;
  phase(`the identity provider is down for ${outageMs / 1_000} s, almost two token lifetimes`);
  await Promise.all(services.map((service) => service.rotate()));
  const failuresBefore = system.totals.refreshFailures;
  await system.perform('stop-identity-provider');
  await delay(outageMs, undefined, { signal });
  await system.perform('start-identity-provider');
  const outageWasFelt = system.totals.refreshFailures > failuresBefore;
  await rotateOnce('after the outage');

  phase(`each connection rotates until it has done so ${ROTATIONS} times`);
  await until(
    each((service) => service.rotationsOfEach >= ROTATIONS),
    `${ROTATIONS} rotations`,
    ROTATIONS * tokenLifetimeMs,
  );
  phase('every order is read from the stream, and prices go on changing');
  await system.trafficSettled();
  const { placed } = system.orders;
  const { revision } = system.prices;
  await until(
    () => system.orders.read + system.orders.lost >= placed,
    `${placed} orders to be read`,
    2 * tokenLifetimeMs,
  );
  await until(() => system.prices.revision >= revision + CHANGES, 'further prices', 2 * tokenLifetimeMs);

  const { requests, failed } = system.traffic;
  const { orders } = system;
  const prices = { revision: system.prices.revision, missed: system.prices.missed };
  const problems = [
    ...(failed > failedDuringRestart + failedWhileRevoked
      ? ['requests failed without a restart or a revocation']
      : []),
    ...(outageWasFelt ? [] : ['nobody felt the outage']),
    ...(orders.lost > 0 ? [`${orders.lost} orders were lost`] : []),
    ...(orders.twice > 0 ? [`${orders.twice} orders came twice`] : []),
    ...(prices.missed > 0 ? [`${prices.missed} revisions of prices were missed`] : []),
  ];
  const rotations = Object.fromEntries(services.map((service) => [service.name, service.rotationsOfEach]));
  return {
    rotations,
    ...system.totals,
    requests,
    failed,
    failedDuringRestart,
    failedWhileRevoked,
    orders,
    prices,
    problems,
  };
}
