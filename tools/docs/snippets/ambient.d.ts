// What code blocks of the documentation take for granted: parts of the reader's own application.
import type { INestApplication, Type } from '@nestjs/common';
import type { NatsAuthOptions, NatsAuthService, UserInfo, UserInfoProvider } from 'nestjs-nats-auth';
import type { Registry } from 'prom-client';

declare global {
  // The reader's modules, controllers and services.
  const AppModule: Type;
  const VaultModule: Type;
  const DevicesModule: Type;
  const OrdersController: Type;
  const app: INestApplication;
  const nats: NatsAuthService;
  class VaultService {
    natsCredentials(options: { signal: AbortSignal }): Promise<{ username: string; password: string }>;
  }
  class DevicesService {
    findByToken(token?: string): Promise<{ id: string } | undefined>;
  }
  class KmsService {
    /** The signature in base64. */
    sign(key: string, data: Uint8Array): Promise<string>;
  }
  class UserJwtService {
    current(): Promise<string>;
  }
  const secrets: { read(name: string): Promise<string> };
  const statistics: { observe(durationMs: number, error: Error | undefined): void };
  function exchangeToken(options: { signal: AbortSignal }): Promise<string>;

  // The reader's providers.
  class StaticUserInfoProvider implements UserInfoProvider {
    getUserInfo(): UserInfo;
  }
  class NatsUserInfoProvider implements UserInfoProvider {
    getUserInfo(): UserInfo;
  }
  class VaultUserInfoProvider implements UserInfoProvider {
    getUserInfo(): UserInfo;
  }
  class OrdersUserInfoProvider extends VaultUserInfoProvider {}
  class AuditUserInfoProvider extends VaultUserInfoProvider {}
  class VaultProvider extends VaultUserInfoProvider {
    constructor(options: { endpoint: string; role: string; jwt: () => Promise<string> });
  }
  class AwsSecretProvider extends VaultUserInfoProvider {
    constructor(secret: string);
  }

  // Values that are the reader's to fill in.
  const connection: NonNullable<NatsAuthOptions['connection']>;
  const ordersOptions: () => NatsAuthOptions;
  const auditOptions: () => NatsAuthOptions;
  const metrics: NonNullable<NatsAuthOptions['metrics']>;
  const registry: Registry;
  const servers: string[];
  const queue: string;
  const name: string;
  const tls: object;
  const headers: Record<string, string>;
  const creds: string;
  const jwt: string;
  const issuer: string;
  const service: string;
  const clientSecret: () => string;
}
