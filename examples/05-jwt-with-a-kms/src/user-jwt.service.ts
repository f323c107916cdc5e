import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';

/** Asks whoever issues user JWTs for one: it names the public key of the KMS, and holds no secret. */
@Injectable()
export class UserJwtService {
  constructor(private readonly config: ConfigService) {}

  async current(signal: AbortSignal): Promise<string> {
    const url = `${this.config.getOrThrow<string>('ISSUER_URL')}/user-jwt`;
    const response = await fetch(url, { method: 'POST', signal });
    if (!response.ok) throw new Error(`the issuer of user JWTs answered ${response.status}`);
    return response.text();
  }
}
