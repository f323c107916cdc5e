import {
  Controller,
  type INestApplicationContext,
  type INestMicroservice,
  Injectable,
  Module,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  NatsAuthModule,
  natsAuthTransport,
  type UserInfo,
  type UserInfoProvider,
  type UserInfoRequest,
} from 'nestjs-nats-auth';
import { type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';

import { usersOfNow } from './request-contexts.js';

/** Where the password of the moment is; what an application's own service would be. */
@Injectable()
export class Vault {
  static password = 'first';

  // A little later, as an application's would.
  read(): Promise<string> {
    return new Promise((resolve) => setImmediate(() => resolve(Vault.password)));
  }
}

@Module({ providers: [Vault], exports: [Vault] })
class VaultModule {}

/** Gets its vault by type, so that decorator metadata has to work. */
@Injectable()
class VaultProvider implements UserInfoProvider {
  static readonly requests: UserInfoRequest[] = [];

  constructor(private readonly vault: Vault) {}

  async getUserInfo(request: UserInfoRequest): Promise<UserInfo> {
    VaultProvider.requests.push(request);
    return { user: 'svc', pass: await this.vault.read() };
  }
}

/** What the event handlers heard. */
@Injectable()
export class Heard extends Array<unknown> {}

@Controller()
class LaneController {
  constructor(private readonly heard: Heard) {}

  @MessagePattern('lane.echo')
  echo(@Payload() data: unknown): unknown {
    return { echo: data };
  }

  @MessagePattern('lane.slow')
  async slow(@Payload() ms: number): Promise<string> {
    this.heard.push('slow began');
    await new Promise((resolve) => setTimeout(resolve, ms));
    return 'slow ended';
  }

  /** More than the server's `max_payload`. */
  @MessagePattern('lane.large')
  large(): string {
    return 'x'.repeat(2_000_000);
  }

  @MessagePattern('lane.users')
  users(): unknown {
    return usersOfNow();
  }

  @EventPattern('lane.happened.*')
  happened(@Payload() what: unknown): void {
    this.heard.push(what);
  }
}

/** A server that knows one user, a microservice on it, and an application that only has a client. */
export interface Lane {
  readonly server: NatsServer;
  readonly service: INestMicroservice;
  readonly peer: INestApplicationContext;
  /** The provider calls so far. */
  readonly requests: readonly UserInfoRequest[];
}

/** Runs `check` against applications of its own. */
export async function withLane(check: (lane: Lane) => Promise<void>): Promise<void> {
  Vault.password = 'first';
  VaultProvider.requests.length = 0;
  const cleanUp: (() => Promise<void>)[] = [];
  try {
    const server = await startNatsServer({ config: userWith(Vault.password) });
    cleanUp.push(() => server.stop());
    const service = await NestFactory.createMicroservice(serviceModule(server), {
      ...natsAuthTransport(),
      logger: false,
    });
    cleanUp.push(() => service.close());
    await service.listen();
    const peer = await NestFactory.createApplicationContext(peerModule(server), { logger: false });
    cleanUp.push(() => peer.close());
    await check({ server, service, peer, requests: VaultProvider.requests });
  } finally {
    for (const end of cleanUp.reverse()) await end();
  }
}

/** The server's configuration while the password is `password`. */
export function userWith(password: string): string {
  return `authorization { users: [ { user: svc, password: "${password}" } ] }\n`;
}

function registration(server: NatsServer) {
  return NatsAuthModule.forRootAsync({
    imports: [VaultModule],
    useFactory: () => ({
      connection: { servers: server.url, queue: 'lane', reconnectTimeWait: 100, gracefulShutdown: true },
    }),
    userInfoProvider: VaultProvider,
  });
}

function serviceModule(server: NatsServer): Type {
  @Module({
    imports: [registration(server)],
    controllers: [LaneController],
    providers: [{ provide: Heard, useFactory: () => new Heard() }],
  })
  class ServiceModule {}
  return ServiceModule;
}

function peerModule(server: NatsServer): Type {
  @Module({ imports: [registration(server)] })
  class PeerModule {}
  return PeerModule;
}
