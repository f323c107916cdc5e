import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';

import { PasswordsService } from './passwords.service.js';

/** Asked before each connect and reconnect, and again when the server has rejected the last answer. */
@Injectable()
export class NatsUserInfoProvider implements UserInfoProvider {
  constructor(private readonly passwords: PasswordsService) {}

  async getUserInfo(): Promise<UserInfo> {
    return { user: 'orders', pass: await this.passwords.current() };
  }
}
