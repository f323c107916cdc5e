import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider, UserInfoRequest } from 'nestjs-nats-auth';

import { IssuerClient } from '../issuer/issuer.client.js';

/** Gives the gateway the password that is valid now, each time it connects. */
@Injectable()
export class GatewayUserInfoProvider implements UserInfoProvider {
  constructor(private readonly issuer: IssuerClient) {}

  async getUserInfo({ signal }: UserInfoRequest): Promise<UserInfo> {
    const { user, pass, expiresAt } = await this.issuer.password('gateway', signal);
    return { user, pass, expiresAt };
  }
}
