import type { DynamicModule } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import type { NatsAuthModuleOptions } from 'nestjs-nats-auth';

export declare class OrdersModule {
  static forRoot(options: NatsAuthModuleOptions): DynamicModule;
}

/** What the token 'ORDERS' gives. */
export interface Orders {
  readonly ofApplication: ClientProxy;
  readonly ofLibrary: ClientProxy;
}

export declare const shared: Readonly<Record<string, unknown>>;
export declare function isNatsAuthError(error: unknown): boolean;
