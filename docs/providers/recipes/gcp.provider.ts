import { GoogleAuth } from 'google-auth-library';
import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';

/** An ID token of the service account that the workload runs as, for an auth callout that checks its audience. */
@Injectable()
export class GoogleIdTokenProvider implements UserInfoProvider {
  private readonly auth = new GoogleAuth();

  constructor(private readonly audience: string) {}

  async getUserInfo(): Promise<UserInfo> {
    const client = await this.auth.getIdTokenClient(this.audience);
    return { token: await client.idTokenProvider.fetchIdToken(this.audience) };
  }
}
