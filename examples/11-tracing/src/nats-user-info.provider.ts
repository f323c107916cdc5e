import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';

@Injectable()
export class NatsUserInfoProvider implements UserInfoProvider {
  constructor(private readonly config: ConfigService) {}

  getUserInfo(): UserInfo {
    return { user: 'orders', pass: this.config.getOrThrow<string>('NATS_PASSWORD') };
  }
}
