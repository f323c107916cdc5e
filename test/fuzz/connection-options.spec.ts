import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import fc from 'fast-check';
import {
  NatsAuthClient,
  type NatsAuthModuleOptions,
  natsAuthTransport,
  OptionsInvalidError,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe } from 'vitest';

import { appModule } from '../integration/nest/app.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { expectClear } from './harness/clear-error.js';
import { fuzz } from './harness/fuzz.js';
import { expectNamesOption } from './harness/names-option.js';
import { data } from './harness/odd-values.js';
import { withoutPlainSecrets } from './harness/secrets.js';
import { within } from './harness/within.js';

/** What each option is given beside odd values, and between which bounds a number stays that a case would wait for. */
const OPTIONS: Readonly<
  Record<string, { readonly right: unknown[]; readonly longest?: number; readonly least?: number }>
> = {
  inboxPrefix: { right: ['_INBOX', '_INBOX_svc.a', '_INBOX.*', '_INBOX.>', 'a b', '.', 'a..b'] },
  queue: { right: ['q', 'a.b', 'a b', ''] },
  name: { right: ['svc', ''] },
  reconnectTimeWait: { right: [0, 1], longest: 20 },
  reconnectJitter: { right: [0, 1], longest: 20 },
  reconnectDelayHandler: { right: [() => 1, () => NaN, () => undefined] },
  // A dial that is given no time, and pings without a pause, are refused by the server at best.
  timeout: { right: [5_000], least: 5_000 },
  pingInterval: { right: [5_000], least: 5_000 },
  maxPingOut: { right: [1, 2] },
  maxReconnectAttempts: { right: [-1, Infinity], least: 100 },
  noRandomize: { right: [true, false] },
  waitOnFirstConnect: { right: [true, false] },
  gracefulShutdown: { right: [true, false] },
  gracePeriod: { right: [0, 1, 5_000] },
  tls: { right: [null, {}, { ca: 'x' }, { caFile: '/does/not/exist' }, { handshakeFirst: false }] },
};
const DURATIONS = ['reconnectTimeWait', 'reconnectJitter', 'timeout', 'pingInterval', 'gracePeriod'];

let server: NatsServer;
let proxy: FaultProxy;
beforeAll(async () => {
  server = await startNatsServer();
  proxy = await startFaultProxy(server);
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

describe.each(Object.entries(OPTIONS))(
  'connection.%s',
  (option, { right, longest = Infinity, least = -Infinity }) => {
    fuzz('whatever it is, a service works and comes back, or the option is named', {
      cases: 100,
      of: fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom(...right) },
        { weight: 3, arbitrary: data.map((make) => short(withoutPlainSecrets(make()))) },
      ),
      check: async (odd) => {
        const value =
          typeof odd === 'number' && odd > 0 && odd < 2 ** 31 ? Math.min(Math.max(odd, least), longest) : odd;
        try {
          await work({ servers: proxy.url, reconnectTimeWait: 1, reconnectJitter: 1, [option]: value });
        } catch (error) {
          if (error instanceof OptionsInvalidError) return expectNamesOption(error, [`connection.${option}`]);
          // No server here speaks TLS, whatever it is made of.
          if (option === 'tls') return expectClear(error);
          throw error;
        }
        if (DURATIONS.includes(option) && value !== undefined && !((value as number) >= 0))
          throw new Error('It was taken for a duration.');
      },
    });
  },
);

/** A server refuses a longer line, and says so: that is no matter of one option. */
function short(value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, 500) : value;
}

@Controller()
class Echo {
  @MessagePattern('fuzz.echo')
  echo(text: string) {
    return text;
  }
}

/** A service starts, answers itself, loses its connections, answers itself again, and ends. */
async function work(connection: NatsAuthModuleOptions['connection']): Promise<void> {
  const options = { connection, userInfoProvider: { getUserInfo: () => ({ token: 't' }) } };
  const app = await NestFactory.createMicroservice(appModule(options, { controllers: [Echo] }), {
    ...natsAuthTransport(),
    logger: false,
    abortOnError: false,
  });
  try {
    await within(app.listen(), 'The first connect');
    const client = app.get(NatsAuthClient);
    const ask = () => within(firstValueFrom(client.send<string>('fuzz.echo', 'hello')), 'A request');
    const answers = async () => (await ask()) === 'hello';
    if (!(await answers())) throw new Error('Another answer came.');
    const accepted = proxy.accepted;
    proxy.breakOpen('reset');
    // A request on its way meanwhile may be lost with its connection.
    await eventually(() => proxy.accepted >= accepted + 2, { what: 'both connections to be dialled again' });
    await eventually(answers, { what: 'an answer after a reconnect' });
  } finally {
    await within(app.close(), 'The close');
  }
}
