import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { NatsAuthClient } from 'nestjs-nats-auth';

/** Connects before the gateway takes its first request. Otherwise the first `send()` would. */
@Injectable()
export class NatsStartup implements OnApplicationBootstrap {
  constructor(private readonly nats: NatsAuthClient) {}

  /** An error ends the start: Kubernetes keeps the old pods. */
  async onApplicationBootstrap(): Promise<void> {
    await this.nats.connect();
  }
}
