import type { NatsAuthModuleOptions, UserInfo } from 'nestjs-nats-auth';
import type { NatsServer } from 'nestjs-nats-auth/testing';

import type { Secrets } from '../harness/secrets.js';

/** A real server, and who gives out user info that it takes. All user info is marked. */
export interface Place {
  readonly server: NatsServer;
  readonly options?: Partial<NatsAuthModuleOptions>;
  /** New user info, beside which what was given before stays good. */
  issue(): UserInfo | Promise<UserInfo>;
  /** New user info whose connections the server ends after `ms`; for kinds that can expire. */
  readonly issueFor?: (ms: number) => UserInfo | Promise<UserInfo>;
  /** User info that looks right, and that the server rejects. */
  forge(): UserInfo | Promise<UserInfo>;
  /** Takes back everything that was issued; the server ends its connections. */
  withdraw(): Promise<void>;
  /** Ends the service that the server asks about user info, where there is one; what it gives starts it again. */
  readonly interrupt?: () => Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/** A kind of user info. */
export interface Kind {
  readonly kind: string;
  /** Whether the server can end what it has accepted after a time. */
  readonly expires: boolean;
  /** Whether the server asks a service about it. */
  readonly isCalledOut?: boolean;
  readonly open: (secrets: Secrets) => Promise<Place>;
}
