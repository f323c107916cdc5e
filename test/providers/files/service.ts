import { Controller, type INestMicroservice } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  type NatsAuthOptions,
  NatsAuthService,
  type UserInfo,
  type UserInfoProvider,
} from 'nestjs-nats-auth';
import type { NatsServer, ServerConnection } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { onTestFinished } from 'vitest';

import { startClient, startService } from '../../integration/nest/app.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('slow')
  slow() {
    return new Promise((resolve) => (slow.finish = () => resolve('done')));
  }
}

/** Ends the request to `slow` that is under way. */
export const slow: { finish?: () => void } = {};

/** Starts an application whose handler answers `echo`, with this provider. */
export function startEcho(
  server: NatsServer,
  userInfoProvider: UserInfoProvider,
  options: NatsAuthOptions = {},
): Promise<INestMicroservice> {
  const connection = { servers: server.url, name: 'service', reconnectTimeWait: 50 };
  return startService({ connection, userInfoProvider, ...options }, { controllers: [EchoController] });
}

/** The service's connections, as the server sees them. */
export async function serviceConnections(server: NatsServer): Promise<ServerConnection[]> {
  return (await server.connections()).filter(({ name }) => name === 'service');
}

/** How often the service has rotated, and what went wrong. */
export function watchRotations(app: INestMicroservice): {
  succeeded: number;
  failed: number;
  rejected: number;
} {
  const seen = { succeeded: 0, failed: 0, rejected: 0 };
  const service = app.get(NatsAuthService);
  service.on('rotated', ({ outcome }) => (outcome === 'success' ? seen.succeeded++ : seen.failed++));
  service.on('rejected', () => seen.rejected++);
  return seen;
}

/** Requests, eight at a time, from an application of its own, until the test ends. */
export async function startLoad(server: NatsServer, caller: UserInfo) {
  const client = await startClient({
    connection: { servers: server.url },
    userInfoProvider: { getUserInfo: () => caller },
  });
  const load = { client, answered: 0, errors: [] as string[], stop };
  const state = { running: true };
  const work = async () => {
    while (state.running) {
      const n = load.answered;
      await firstValueFrom(client.send<number>('echo', n)).then(
        (answer) => (answer === n ? ++load.answered : load.errors.push(`answered ${answer} for ${n}`)),
        (error: unknown) => load.errors.push(String(error)),
      );
    }
  };
  // Load that did not stop would fail when the application closes.
  onTestFinished(() => void (state.running = false));
  const workers = Array.from({ length: 8 }, work);
  async function stop() {
    state.running = false;
    await Promise.all(workers);
  }
  return load;
}
