import { DefaultAzureCredential } from '@azure/identity';
import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider, UserInfoRequest } from 'nestjs-nats-auth';

/** An Entra ID access token of the managed or workload identity, for an auth callout that checks its audience. */
@Injectable()
export class AzureTokenProvider implements UserInfoProvider {
  private readonly credential = new DefaultAzureCredential();

  constructor(private readonly scope: string) {}

  async getUserInfo({ signal }: UserInfoRequest): Promise<UserInfo> {
    const { token, expiresOnTimestamp } = await this.credential.getToken(this.scope, { abortSignal: signal });
    return { token, expiresAt: expiresOnTimestamp };
  }
}
