import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { type NatsAuthClient, type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom, interval, lastValueFrom, take } from 'rxjs';
import { beforeEach, expect } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

/** What the handlers have been asked for since the test began. */
export const work = {
  /** The numbers of the events. */
  heard: [] as number[],
  /** Requests that wait for `finishSlow()`. */
  slow: 0,
  finishSlow: () => {},
};
beforeEach(() => void Object.assign(work, { heard: [], slow: 0, finishSlow: () => {} }));

@Controller()
export class WorkController {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('slow')
  slow() {
    work.slow++;
    return new Promise((resolve) => (work.finishSlow = () => resolve('done')));
  }

  @MessagePattern('stream')
  stream() {
    return interval(40).pipe(take(10));
  }

  @EventPattern('numbered')
  numbered(@Payload() n: number) {
    work.heard.push(n);
  }
}

/** Requests and numbered events, sixteen at a time. */
export function startLoad(client: NatsAuthClient, firstNumber = 0) {
  const load = { answered: 0, failed: 0, events: 0, errors: [] as string[], stop };
  let running = true;
  const worker = async () => {
    while (running) {
      const n = firstNumber + ++load.events;
      await Promise.all([
        firstValueFrom(client.send('echo', n)),
        lastValueFrom(client.emit('numbered', n), { defaultValue: undefined }),
      ]).then(
        () => load.answered++,
        (error: unknown) => {
          load.failed++;
          load.errors.push(String(error));
        },
      );
    }
  };
  const workers = Array.from({ length: 16 }, worker);
  async function stop() {
    running = false;
    await Promise.all(workers);
  }
  return load;
}

/** Ends the load, of which nothing may have failed, been lost or been heard twice. */
export async function endWithoutLoss(loads: readonly ReturnType<typeof startLoad>[]): Promise<void> {
  for (const load of loads) await load.stop();
  expect(loads.flatMap(({ errors }) => errors)).toEqual([]);
  const events = loads.reduce((sum, load) => sum + load.events, 0);
  await eventually(() => work.heard.length >= events, { what: 'the events' });
  expect(new Set(work.heard).size).toBe(events);
  expect(work.heard).toHaveLength(events);
}

/** The options of a user that the servers of these tests take. */
export function optionsFor(server: { readonly url: string }): NatsAuthModuleOptions {
  return {
    connection: { servers: server.url, reconnectTimeWait: 50 },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
  };
}

type Changes = Partial<NatsAuthModuleOptions>;

/** A server for the test, and what starts a service with the handlers of `work` and a client on it. */
export async function startWorkplace(
  config = 'authorization { users: [ { user: svc, password: secret } ] }\n',
) {
  const server = await serverForTest({ config });
  const options = optionsFor(server);
  return {
    server,
    startClient: (changes: Changes = {}) => startClient({ ...options, ...changes }),
    startService: async (changes: Changes = {}) => {
      const app = await startService({ ...options, ...changes }, { controllers: [WorkController] });
      return { app, service: app.get(NatsAuthService) };
    },
    /** Waits until the server has so many connections. */
    untilConnections: (count: number) =>
      eventually(async () => (await server.connections()).length === count, {
        what: `${count} connections`,
      }),
  };
}
