import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider, UserInfoRequest } from 'nestjs-nats-auth';

/** A .creds file out of AWS Secrets Manager, as the role of the task, pod or instance. */
@Injectable()
export class AwsSecretProvider implements UserInfoProvider {
  private readonly client = new SecretsManagerClient();

  constructor(private readonly secretId: string) {}

  async getUserInfo({ signal }: UserInfoRequest): Promise<UserInfo> {
    const command = new GetSecretValueCommand({ SecretId: this.secretId });
    const { SecretString: creds } = await this.client.send(command, { abortSignal: signal });
    if (!creds) throw new Error(`The secret '${this.secretId}' has no text.`);
    return { creds };
  }
}
