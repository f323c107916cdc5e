import { Injectable } from '@nestjs/common';

import type { CalloutEvents } from '../../libs/callout/index.js';
import type { ConnectionStatus, NatsAuthService } from '../status/nats-auth-service.js';
import type { Administered, Administration, Kicked } from './administration/administration.js';
import {
  calloutHealth,
  calloutHealthSettings,
  type NatsAuthCalloutHealthOptions,
  type NatsAuthCalloutHealthReport,
} from './health/callout-health.js';
import { CalloutTroubles } from './health/callout-troubles.js';
import type { CalloutListener } from './listening/callout-listener.js';

/**
 * What may be told about one callout. It holds no secret.
 * @public
 */
export interface NatsAuthCalloutStatus {
  /** The callout's name. */
  readonly name: string;
  /** Whether servers can reach it at this moment: it is connected, and in its queue group. */
  readonly listening: boolean;
  /** How many clients it looks at. */
  readonly inFlight: number;
  /** How many wait for their turn. */
  readonly queued: number;
  /** Its connection; absent before it has begun. */
  readonly connection?: ConnectionStatus;
  /** How well it is, as `NatsAuthCalloutService.health()` says by default. */
  readonly health: NatsAuthCalloutHealthReport;
}

/**
 * Status, events and administration of one callout.
 * @public
 */
@Injectable()
export class NatsAuthCalloutService {
  readonly #troubles: CalloutTroubles;

  /** @internal Made by `NatsAuthCalloutModule`. */
  constructor(
    private readonly listener: CalloutListener,
    private readonly nats: NatsAuthService,
    private readonly administration: Administration,
  ) {
    this.#troubles = new CalloutTroubles(listener.events);
  }

  /** How the callout is at this moment. */
  get status(): NatsAuthCalloutStatus {
    const { name, listening, callout } = this.listener;
    const connection = this.nats.status.connections.server;
    return { name, listening, ...callout.load, ...(connection && { connection }), health: this.health() };
  }

  /**
   * What is wrong at this moment, if anything, and whether servers can ask this instance all the same: `up`, `degraded` or `down`.
   * @throws {@link OptionsInvalidError} an option is not accepted.
   */
  health(options: NatsAuthCalloutHealthOptions = {}): NatsAuthCalloutHealthReport {
    const { states, ofConnection } = calloutHealthSettings(options);
    const { phase, since } = this.listener;
    const facts = { phase, since, troubles: this.#troubles.current };
    return calloutHealth(facts, this.nats.health(ofConnection), states, Date.now());
  }

  /** Subscribes to an event; the returned function unsubscribes. A listener that throws disturbs nothing. */
  on<K extends keyof CalloutEvents>(event: K, listener: (event: CalloutEvents[K]) => void): () => void {
    return this.listener.events.on(event, listener);
  }

  /**
   * Refuses whom this names from now on, until the last instance ends: the name of an admission, or the user name or public NKey that a client presents. With
   * `system` in all instances of the queue group, those that start later too; without it in this instance only, as the result says. Sessions that are there go
   * on: `kick()` ends them. Who is to be refused for good belongs into `callout.revoked`, or is the authorizer's to refuse.
   * @throws {@link SystemAccountError} the other instances could not be told; this one refuses.
   */
  revoke(who: string): Promise<Administered> {
    return this.administration.revoke(who);
  }

  /**
   * Takes back a revocation, where `revoke()` would have it in force.
   * @throws {@link SystemAccountError} the other instances could not be told.
   */
  restore(who: string): Promise<Administered> {
    return this.administration.restore(who);
  }

  /**
   * Ends the sessions of whom this names, on all servers. They may come in again at once, if they are not revoked first. By name that is every session, by a user
   * name or public NKey those that an instance which runs has admitted.
   * @throws {@link OptionsInvalidError} the callout was given no `system`.
   * @throws {@link SystemAccountError} the servers cannot be asked.
   */
  kick(who: string): Promise<Kicked> {
    return this.administration.kick(who);
  }
}
