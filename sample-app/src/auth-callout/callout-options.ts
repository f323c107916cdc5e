import type { NatsSecrets } from '../nats/nats-configuration.js';

export interface CalloutOptions {
  readonly servers: readonly string[];
  readonly secrets: NatsSecrets;
  /** Issuer identifier of the identity provider. */
  readonly issuer: string;
  readonly audience: string;
  /** How long a session goes on after its token has expired, in ms; 0 is the strict choice. */
  readonly sessionGraceMs: number;
}

export const CALLOUT_OPTIONS = Symbol('callout options');
