import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider, UserInfoRequest } from 'nestjs-nats-auth';

import { IssuerClient } from '../issuer/issuer.client.js';

/** Gives the orders service the password that is valid now, each time it connects. */
@Injectable()
export class OrdersUserInfoProvider implements UserInfoProvider {
  constructor(private readonly issuer: IssuerClient) {}

  async getUserInfo({ signal }: UserInfoRequest): Promise<UserInfo> {
    const { user, pass, expiresAt } = await this.issuer.password('orders', signal);
    return { user, pass, expiresAt };
  }
}
