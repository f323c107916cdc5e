import { Injectable } from '@nestjs/common';
import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';
import vault from 'node-vault';

interface Secret {
  readonly data: { readonly data: { readonly username: string; readonly password: string } };
}

/** A user name and a password out of HashiCorp Vault, as the Kubernetes service account of the pod. */
@Injectable()
export class VaultProvider implements UserInfoProvider {
  constructor(private readonly options: { endpoint: string; role: string; jwt: () => Promise<string> }) {}

  async getUserInfo(): Promise<UserInfo> {
    const { endpoint, role, jwt } = this.options;
    const client = vault({ endpoint });
    await client.kubernetesLogin({ role, jwt: await jwt() });
    const { data } = ((await client.read('secret/data/nats')) as Secret).data;
    return { user: data.username, pass: data.password };
  }
}
