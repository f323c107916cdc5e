import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';

/** What Vault answers to a request for dynamic credentials. */
export interface Lease {
  /** In seconds. */
  readonly lease_duration: number;
  readonly data: { readonly username: string; readonly password: string };
}

@Injectable()
export class VaultService {
  constructor(private readonly config: ConfigService) {}

  async credentials(role: string, signal: AbortSignal): Promise<Lease> {
    const response = await fetch(`${this.config.getOrThrow<string>('VAULT_ADDR')}/v1/nats/creds/${role}`, {
      headers: { 'X-Vault-Token': this.config.getOrThrow<string>('VAULT_TOKEN') },
      signal,
    });
    if (!response.ok) throw new Error(`Vault answered ${response.status} for the role '${role}'`);
    return (await response.json()) as Lease;
  }
}
