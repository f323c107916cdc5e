import { setInterval } from 'node:timers/promises';

import { NestFactory } from '@nestjs/core';
import { natsAuthTransport } from 'nestjs-nats-auth';
import { startNatsServer } from 'nestjs-nats-auth/testing';

import { GatewayModule } from '../gateway/gateway.module.js';
import { type IssuedPassword, PasswordIssuer } from '../issuer/password-issuer.js';
import { OrdersModule } from '../orders/orders.module.js';
import { type Counts, narrate, say } from './narrate.js';
import { Traffic } from './traffic.js';

/** What a demo run came to. */
export interface DemoResult extends Counts {
  passwordChanges: number;
  requests: number;
  failed: number;
}

const REQUESTS_PER_SECOND = 20;
const BETWEEN_CHANGES_MS = 3_000;
/** How long a password is valid. */
const LIFETIME_MS = 2 * BETWEEN_CHANGES_MS;
/** How long both services may take to answer after a password change. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * Starts nats-server, the issuer, the orders service and the gateway, and changes the passwords while requests flow,
 * until `signal` aborts or `changes` are done.
 */
export async function runDemo(changes: number, signal: AbortSignal): Promise<DemoResult> {
  const counts: Counts = { refreshes: 0, rejections: 0, reconnects: 0, rotations: 0 };
  const closing: (() => Promise<unknown>)[] = [];
  let passwordChanges = 0;
  let traffic: Traffic | undefined;
  try {
    const nats = await startNatsServer();
    closing.unshift(() => nats.stop());
    say('nats', `nats-server ${nats.version} at ${nats.url}`);

    const issuer = new PasswordIssuer(['orders', 'gateway'], LIFETIME_MS, (users) =>
      nats.reload(usersConfig(users)),
    );
    await issuer.listen();
    closing.unshift(() => issuer.close());
    await issuer.changePasswords();
    say('issuer', `hands out passwords at ${issuer.url}`);

    const orders = await NestFactory.createMicroservice(OrdersModule.with(nats.url, issuer.url), {
      ...natsAuthTransport(),
      logger: ['error', 'fatal'],
    });
    closing.unshift(() => orders.close());
    narrate('orders', orders, counts);
    await orders.listen();

    const gateway = await NestFactory.create(GatewayModule.with(nats.url, issuer.url), { logger: ['fatal'] });
    closing.unshift(() => gateway.close());
    narrate('gateway', gateway, counts);
    await gateway.listen(0, '127.0.0.1');
    const gatewayUrl = await gateway.getUrl();
    say('gateway', `answers at ${gatewayUrl}/orders/1`);

    const running = (traffic = new Traffic((n) => `${gatewayUrl}/orders/${n}`, REQUESTS_PER_SECOND));
    closing.unshift(() => running.stop());
    await before(ANSWER_WITHIN_MS, 'No request was answered', running.nextAnswer());

    for await (const _ of every(BETWEEN_CHANGES_MS, signal)) {
      await issuer.changePasswords();
      say(
        'issuer',
        `password v${issuer.version}; nats-server knows it beside v${issuer.version - 1} and forgets older ones`,
      );
      await before(
        ANSWER_WITHIN_MS,
        `No request was answered after password v${issuer.version}`,
        running.nextAnswer(),
      );
      const { requests, answered, failed } = running;
      say('traffic', `${requests} requests sent, ${answered} answered, ${failed} failed`);
      if (++passwordChanges === changes) break;
    }
  } finally {
    for (const close of closing) await close();
  }
  return { passwordChanges, ...counts, requests: traffic.requests, failed: traffic.failed };
}

function usersConfig(users: IssuedPassword[]): string {
  const entries = users.map(({ user, pass }) => `    { user: ${user}, password: "${pass}" }`);
  return `authorization {\n  users: [\n${entries.join('\n')}\n  ]\n}\n`;
}

async function before<T>(ms: number, failure: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${failure} within ${ms / 1_000} s.`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Ticks until `signal` aborts. */
async function* every(ms: number, signal: AbortSignal): AsyncGenerator<void> {
  try {
    for await (const _ of setInterval(ms, undefined, { signal })) yield;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
