import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';

/** Signs with a key that this process never sees. With AWS KMS: `SignCommand`, `ED25519_SHA_512`, `MessageType: 'RAW'`. */
@Injectable()
export class KmsService {
  constructor(private readonly config: ConfigService) {}

  async sign(data: Uint8Array): Promise<Uint8Array> {
    const response = await fetch(`${this.config.getOrThrow<string>('KMS_URL')}/sign`, {
      method: 'POST',
      body: Buffer.from(data),
    });
    if (!response.ok) throw new Error(`the KMS answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }
}
