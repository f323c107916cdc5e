import type { Observable } from 'rxjs';

/** What the page shows of a service. */
export interface ServiceView {
  readonly name: string;
  /** Its connections by role; a role that it does not use is absent. */
  readonly connections: Readonly<Record<string, { readonly state: string; readonly server?: string }>>;
  /** How many tokens it has fetched: which one it presents. */
  readonly token: number;
  /** ms since the epoch. */
  readonly tokenExpiresAt?: number;
  readonly revoked: boolean;
  readonly refreshes: number;
  readonly refreshFailures: number;
  readonly rejections: number;
  readonly rotations: number;
  readonly reconnects: number;
}

/** What the page can do to the system. */
export interface ActionView {
  readonly id: string;
  readonly label: string;
  /** What there is to see when it is done. */
  readonly hint: string;
  /** Whether it makes sense at the moment. */
  readonly available: boolean;
}

export interface Snapshot {
  readonly now: number;
  readonly tokenLifetimeMs: number;
  readonly identityProvider: { readonly up: boolean; readonly keyId: string };
  readonly servers: readonly { readonly name: string; readonly address: string; readonly state: string }[];
  readonly services: readonly ServiceView[];
  readonly traffic: { readonly requests: number; readonly answered: number; readonly failed: number };
  readonly actions: readonly ActionView[];
}

/** Something on the time line. */
export interface Happening {
  /** ms since the epoch. */
  readonly at: number;
  readonly who: string;
  readonly kind:
    | 'refreshed'
    | 'refresh failed'
    | 'rotated'
    | 'rejected'
    | 'connected'
    | 'disconnected'
    | 'done'
    | 'failed';
  readonly text: string;
}

/** The system as the page sees it. */
export interface SystemView {
  snapshot(): Snapshot;
  /** What happened lately, then what happens. */
  happenings(): Observable<Happening>;
  /** Starts an action; `false` when it makes no sense at the moment, `undefined` when there is none of that id. */
  act(id: string): boolean | undefined;
}

export const SYSTEM_VIEW = Symbol('system view');
