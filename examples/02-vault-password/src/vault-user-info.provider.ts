import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider, UserInfoRequest } from 'nestjs-nats-auth';

import { VaultService } from './vault.service.js';

@Injectable()
export class VaultUserInfoProvider implements UserInfoProvider {
  constructor(private readonly vault: VaultService) {}

  async getUserInfo({ signal }: UserInfoRequest): Promise<UserInfo> {
    const { lease_duration, data } = await this.vault.credentials('orders', signal);
    return {
      user: data.username,
      pass: data.password,
      // In ms. The next password is fetched ahead of it, at 80 % of the lease.
      expiresAt: Date.now() + lease_duration * 1_000,
    };
  }
}
