import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';

/** What there was before. Put a provider with short-lived credentials in its place when the rest has moved. */
@Injectable()
export class StaticUserInfoProvider implements UserInfoProvider {
  getUserInfo(): UserInfo {
    return { user: 'orders', pass: process.env['NATS_PASSWORD'] };
  }
}
