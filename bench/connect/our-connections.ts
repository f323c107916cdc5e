import { setImmediate } from 'node:timers/promises';

import {
  AuthConnection,
  loadDriver,
  type NatsAuthEvents,
  rejectionSettings,
} from '../../libs/connection/index.js';
import { CredentialSource, refreshSettings } from '../../libs/credentials/index.js';
import { Emitter } from '../../libs/base/index.js';

/** How both sides dial again. */
export const PACE = { reconnectTimeWait: 10, reconnectJitter: 0, maxReconnectAttempts: -1 };

/** What a client checks a server's certificate with. */
export interface Tls {
  readonly ca: string;
}

/**
 * How the provider answers: with a value, or with a promise that needs a turn of the event loop, as one for anything that came over a socket
 * or out of a file does.
 */
export type Answers = 'at once' | 'later';

/** Connections of one registration, whose provider counts its calls. */
export class OurConnections {
  calls = 0;
  readonly events = new Emitter<NatsAuthEvents>();
  readonly #source: CredentialSource;
  /** Made once for a registration. */
  readonly #options;

  constructor(url: string, answers: Answers, tls?: Tls) {
    this.#options = { servers: url, tls, ...PACE };
    this.#source = new CredentialSource({
      connection: 'bench',
      provider: {
        getUserInfo: () => {
          this.calls++;
          const userInfo = { user: 'bench', pass: 'bench' };
          return answers === 'at once' ? userInfo : setImmediate(userInfo);
        },
      },
      refresh: refreshSettings(),
      rejection,
      events: this.events,
    });
  }

  create(): AuthConnection {
    return new AuthConnection({
      name: 'bench',
      role: 'client',
      driver,
      source: this.#source,
      events: this.events,
      options: this.#options,
      rejection,
    });
  }
}

const rejection = rejectionSettings();
const driver = await loadDriver('@nats-io/transport-node');
