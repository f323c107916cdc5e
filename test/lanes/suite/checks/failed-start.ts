import { strictEqual, match } from 'node:assert';

import { type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsAuthModule, natsAuthTransport } from 'nestjs-nats-auth';

import type { Lane } from '../app.js';

/** By what is wrong: the options of the registration, the password, and what the log and the rejection must say. */
const FAULTS: readonly [string, (url: string) => { servers?: string; pass?: string }, RegExp][] = [
  ['the password', () => ({ pass: 'wrong' }), /Authorization Violation/],
  ['the provider', () => ({}), /IAM is down/],
  ['the port', () => ({ servers: 'nats://127.0.0.1:1' }), /ECONNREFUSED 127\.0\.0\.1:1/],
  ['the name', () => ({ servers: 'no-such-host.invalid' }), /ENOTFOUND no-such-host\.invalid/],
  ['TLS', (url) => ({ servers: url.replace('nats:', 'tls:') }), /offers no TLS/],
];

/** Whatever keeps an application from starting: the last line of the log says why, and so does what `listen()` rejects with. */
export async function failedStart({ server }: Lane): Promise<void> {
  for (const [what, change, cause] of FAULTS) {
    const { servers = server.url, pass = 'first' } = change(server.url);
    @Module({
      imports: [
        NatsAuthModule.forRoot({
          connection: { servers },
          refresh: { retry: { maxAttempts: 1 } },
          rejection: { maxOnConnect: 1 },
          userInfoProvider: {
            getUserInfo: () => {
              if (what === 'the provider') throw new Error('IAM is down');
              return { user: 'svc', pass };
            },
          },
        }),
      ],
    })
    class FailingModule {}

    const errors: string[] = [];
    const logger = logInto(errors);
    const service = await NestFactory.createMicroservice(FailingModule, { ...natsAuthTransport(), logger });
    const rejection: unknown = await service.listen().then(
      () => new Error('It has started.'),
      (error: unknown) => error,
    );
    await service.close();
    match(chain(rejection), cause, `the rejection, when ${what} is wrong`);
    strictEqual(errors.length, 1, `the error lines, when ${what} is wrong: ${errors.join('\n')}`);
    match(String(errors[0]), cause, `the log, when ${what} is wrong`);
  }
}

function logInto(errors: string[]): LoggerService {
  const nothing = () => {};
  return {
    log: nothing,
    warn: nothing,
    debug: nothing,
    verbose: nothing,
    error: (line) => errors.push(String(line)),
  };
}

/** Errors of Node.js are of another realm than a Jest test's. */
function chain(error: unknown): string {
  const { message, cause } = (error ?? {}) as { message?: unknown; cause?: unknown };
  return typeof message === 'string' ? `${message}; ${chain(cause)}` : '';
}
