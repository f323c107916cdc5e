import { setTimeout as delay } from 'node:timers/promises';

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
  /** What went otherwise than it should; empty when all is well. */
  readonly problems: readonly string[];
}

/** Each connection rotates at least this often. */
const ROTATIONS = 6;
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

  phase('tokens expire; services rotate ahead of that');
  await rotateOnce('ahead of expiry');
  phase('the identity provider signs with a new key');
  await system.perform('rotate-signing-keys');
  await rotateOnce('to tokens of the new key');

  phase('a NATS server restarts');
  const failedBefore = system.traffic.failed;
  await system.perform('restart-nats');
  await until(
    each((service) => service.isConnected),
    'every service to be connected after the restart',
    2 * tokenLifetimeMs,
  );
  // A request whose answer was lost fails only when its time is up.
  await system.trafficSettled();
  const failedDuringRestart = system.traffic.failed - failedBefore;

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
  const { requests, failed } = system.traffic;
  const problems = [
    ...(failed > failedDuringRestart ? ['requests failed without a restart'] : []),
    ...(outageWasFelt ? [] : ['nobody felt the outage']),
  ];
  const rotations = Object.fromEntries(services.map((service) => [service.name, service.rotationsOfEach]));
  return { rotations, ...system.totals, requests, failed, failedDuringRestart, problems };
}
