import { Actor } from './actor.js';
import { CalloutActor } from './callout-actor.js';
import type { Ledger } from './ledger.js';
import type { Stage } from './scenarios/stage.js';

/** Those who have a password on the password server, by the way they reach it. */
export const DIRECT = ['orders', 'rotating', 'in-place', 'injected', 'muted'];
export const BEHIND_PROXY = ['outage', 'hasty', 'thrifty', 'strange', 'unreachable'];

export type ActorName =
  | 'orders'
  | 'outage'
  | 'hasty'
  | 'thrifty'
  | 'jwt'
  | 'strange'
  | 'rotating'
  | 'in-place'
  | 'injected'
  | 'movable'
  | 'unreachable'
  | 'astray'
  | 'encrypted'
  | 'signing'
  | 'muted';

export type Cast = Readonly<Record<ActorName, Actor>> & { readonly callout: CalloutActor };

/** The registrations of the service under test. */
export function castOf(ledger: Ledger, stage: Stage): Cast {
  const withPassword = (name: ActorName, options: ConstructorParameters<typeof Actor>[3] = {}) => {
    const servers = stage.proxies.get(name)?.url ?? stage.passwords.url;
    return new Actor(name, ledger, { user: name, pass: 'v1' }, { ...options, connection: { servers } });
  };
  const anybody = { user: 'anybody', pass: 'anything' };
  const thrifty = { timeout: 250, reuse: 1_000, ahead: false } as const;
  const patient = { timeout: 60_000, ahead: false } as const;
  const ahead = { timeout: 250, retry: { initialDelay: 10 }, ahead: { fraction: 0.5, jitter: 0 } };
  return {
    // Its provider is slow on purpose, so that its connections share a call.
    orders: withPassword('orders', { refresh: patient }),
    outage: withPassword('outage'),
    hasty: withPassword('hasty', { refresh: patient }),
    thrifty: withPassword('thrifty', { refresh: thrifty }),
    jwt: new Actor('jwt', ledger, {}, { connection: { servers: stage.jwts.server.url } }),
    strange: withPassword('strange'),
    rotating: withPassword('rotating', { refresh: ahead }),
    'in-place': withPassword('in-place', { rotation: { mode: 'reconnect' } }),
    injected: withPassword('injected'),
    unreachable: withPassword('unreachable'),
    astray: new Actor('astray', ledger, anybody, { connection: { servers: 'no-such-host.invalid' } }),
    encrypted: new Actor('encrypted', ledger, anybody, {
      connection: { servers: stage.open[0].url.replace('nats:', 'tls:') },
    }),
    signing: new Actor('signing', ledger, stage.jwts.signer, {
      connection: { servers: stage.jwts.server.url },
    }),
    muted: withPassword('muted'),
    callout: new CalloutActor('callout', ledger, stage.callout),
    movable: new Actor('movable', ledger, anybody, {
      connection: { servers: stage.open.map(({ url }) => url) },
    }),
  };
}
