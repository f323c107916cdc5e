import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider, UserInfoRequest } from 'nestjs-nats-auth';

import { KmsService } from './kms.service.js';
import { UserJwtService } from './user-jwt.service.js';

@Injectable()
export class KmsUserInfoProvider implements UserInfoProvider {
  constructor(
    private readonly kms: KmsService,
    private readonly jwts: UserJwtService,
  ) {}

  async getUserInfo({ signal }: UserInfoRequest): Promise<UserInfo> {
    return {
      jwt: await this.jwts.current(signal), // its `exp` says when the next one is needed
      sign: (nonce) => this.kms.sign(nonce), // for each connection, when the server has sent its nonce
    };
  }
}
