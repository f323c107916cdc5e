import { Injectable } from '@nestjs/common';

import type { IssuedPassword } from './password-issuer.js';

/** Fetches passwords from the issuer. */
@Injectable()
export class IssuerClient {
  /** Of the password that was fetched last. */
  version = 0;

  constructor(private readonly url: string) {}

  async password(service: string, signal: AbortSignal): Promise<IssuedPassword> {
    const response = await fetch(`${this.url}/passwords/${service}`, { signal });
    if (!response.ok) throw new Error(`The issuer answered ${response.status} for service '${service}'.`);
    const issued = (await response.json()) as IssuedPassword;
    this.version = issued.version;
    return issued;
  }
}
