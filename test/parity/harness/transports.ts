import { type INestMicroservice, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ClientNats, ClientsModule, type NatsOptions, Transport } from '@nestjs/microservices';
import {
  NatsAuthClient,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  natsAuthTransport,
} from 'nestjs-nats-auth';

/** Whose transport: NestJS's own, or this package's. */
export type Kind = 'stock' | 'ours';

/** Options that both transports take. */
export type TransportOptions = NonNullable<NatsOptions['options']>;

/** What can be closed: an application. */
export interface Closable {
  close(): Promise<void>;
}

/** What the nats-servers of these tests ask for. */
export const CREDENTIALS = { user: 'svc', pass: 'secret' };

/** nats-server configuration that lets the applications in, with these permissions. */
export function users(permissions = '', password = CREDENTIALS.pass): string {
  const svc = `{ user: ${CREDENTIALS.user}, password: ${password}, ${permissions} }`;
  return `authorization { users: [ ${svc}, { user: plain, password: plain } ] }\n`;
}

/** A microservice with these controllers; it does not listen yet. */
export function createService(
  kind: Kind,
  options: TransportOptions,
  metadata: ModuleMetadata,
): Promise<INestMicroservice> {
  const quiet = { logger: false, abortOnError: false } as const;
  if (kind === 'ours') {
    const imports = [NatsAuthModule.forRoot(registration(options)), ...(metadata.imports ?? [])];
    return NestFactory.createMicroservice(moduleOf({ ...metadata, imports }), {
      ...natsAuthTransport(),
      ...quiet,
    });
  }
  return NestFactory.createMicroservice<NatsOptions>(moduleOf(metadata), {
    transport: Transport.NATS,
    options: { ...options, ...CREDENTIALS },
    ...quiet,
  });
}

/** An application that has a client and nothing else. */
export async function createClient(
  kind: Kind,
  options: TransportOptions,
): Promise<{ app: Closable; client: ClientNats }> {
  const CLIENT = 'CLIENT';
  const stock = () =>
    ClientsModule.register([
      { name: CLIENT, transport: Transport.NATS, options: { ...options, ...CREDENTIALS } },
    ]);
  const imports = [kind === 'ours' ? NatsAuthModule.forRoot(registration(options)) : stock()];
  const app = await NestFactory.createApplicationContext(moduleOf({ imports }), { logger: false });
  return { app, client: app.get<ClientNats>(kind === 'ours' ? NatsAuthClient : CLIENT) };
}

function registration(connection: TransportOptions): NatsAuthModuleOptions {
  return {
    connection,
    userInfoProvider: { getUserInfo: () => CREDENTIALS },
    rejection: { maxOnConnect: 2, initialDelay: 1 },
  };
}

function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class AppModule {}
  return AppModule;
}
