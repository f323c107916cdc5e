import type { ClientNats } from '@nestjs/microservices';
import type { NatsServer } from 'nestjs-nats-auth/testing';

import type { Run } from './run.js';

/** What `status` and `on()` tell of a transport. */
export class StatusLog {
  readonly entries: string[] = [];
  #connected = false;

  constructor(
    transport: {
      readonly status: ClientNats['status'];
      on: (event: 'disconnect' | 'reconnect', callback: (server: unknown) => void) => void;
    },
    server: NatsServer,
  ) {
    const host = (value: unknown) => String(value).replace(String(server.port), 'PORT');
    transport.status.subscribe((status) => {
      this.entries.push(status);
      this.#connected = (status as string) === 'connected';
    });
    transport.on('disconnect', (value) => this.entries.push(`on disconnect ${host(value)}`));
    transport.on('reconnect', (value) => {
      this.entries.push(`on reconnect ${host(value)}`);
      this.#connected = true;
    });
  }

  get isConnected(): boolean {
    return this.#connected;
  }

  toString(): string {
    return this.entries.join(', ');
  }
}

/** Follows the client, or the service, of a run. */
export function statusOf(of: 'client' | 'service', run: Run): StatusLog {
  // A microservice has what the strategy has.
  return new StatusLog(of === 'client' ? run.client : (run.service as unknown as ClientNats), run.server);
}
