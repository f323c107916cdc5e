import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';

@Injectable()
export class OrdersUserInfoProvider implements UserInfoProvider {
  constructor(private readonly config: ConfigService) {}

  getUserInfo(): UserInfo {
    return { user: 'orders', pass: this.config.getOrThrow<string>('ORDERS_NATS_PASSWORD') };
  }
}

@Injectable()
export class AuditUserInfoProvider implements UserInfoProvider {
  constructor(private readonly config: ConfigService) {}

  getUserInfo(): UserInfo {
    return { token: this.config.getOrThrow<string>('AUDIT_NATS_TOKEN') };
  }
}
