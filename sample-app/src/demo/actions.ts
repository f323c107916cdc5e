import type { NatsAuthCalloutService } from 'nestjs-nats-auth/callout';

import type { IdentityProvider } from '../identity-provider/identity-provider.js';
import type { NatsOperator } from '../nats/nats-operator.js';
import type { ActionView } from '../page/system-view.js';
import type { ObservedService } from './observed-service.js';

/** Something that can be done to the system. */
export interface Action extends Omit<ActionView, 'available' | 'blockedBy' | 'active'> {
  /** Why it makes no sense at the moment; `undefined` when it does. */
  readonly blockedBy: () => string | undefined;
  /** What it has brought about, as long as that lasts. */
  readonly active?: () => string | undefined;
  readonly run: () => Promise<void>;
}

export interface Parts {
  readonly identityProvider: IdentityProvider;
  readonly callout: NatsAuthCalloutService;
  readonly nats: NatsOperator;
  readonly services: readonly ObservedService[];
}

/** The ways to break the system, and to mend it. */
export function actionsOn({ identityProvider, callout, nats, services }: Parts): Action[] {
  return [
    ...outageOf(identityProvider),
    {
      id: 'restart-nats',
      part: 'NATS n0',
      verb: 'Restart',
      label: 'Restart a NATS server',
      hint: 'Its clients move to other servers; requests wait meanwhile, and one under way may fail.',
      effect: 'breaks',
      blockedBy: () => (nats.isComplete ? undefined : 'Only while all servers are up.'),
      active: () =>
        nats.isIn('restarting', 'n0')
          ? 'Restarting: its clients move to the others. It comes back by itself.'
          : undefined,
      run: () => nats.restart('n0'),
    },
    ...services.flatMap((service) => revocationOf(service, identityProvider, callout)),
    {
      id: 'rotate-signing-keys',
      part: 'identity provider',
      verb: 'Rotate the keys',
      label: 'Rotate the signing keys',
      hint: 'The auth callout meets an unknown key and fetches the keys again; nobody notices.',
      effect: 'routine',
      blockedBy: () => (identityProvider.isUp ? undefined : 'Only while the identity provider is up.'),
      run: () => identityProvider.rotateSigningKeys(),
    },
    {
      id: 'lame-duck',
      part: 'NATS n1',
      verb: 'Lame-duck mode',
      label: 'Put a NATS server into lame-duck mode',
      hint: 'Its clients hand over to other servers and lose nothing; then it ends, and comes back.',
      effect: 'routine',
      blockedBy: () => (nats.isComplete ? undefined : 'Only while all servers are up.'),
      active: () =>
        nats.isIn('lame duck', 'n1')
          ? 'In lame-duck mode: its clients hand over to the others. It comes back by itself.'
          : undefined,
      run: () => nats.lameDuck('n1'),
    },
  ];
}

function outageOf(identityProvider: IdentityProvider): Action[] {
  return [
    {
      id: 'stop-identity-provider',
      part: 'identity provider',
      verb: 'Stop',
      label: 'Stop the identity provider',
      hint: 'Refreshes fail; services go on with what they have for up to two token lifetimes.',
      effect: 'breaks',
      healedBy: 'start-identity-provider',
      blockedBy: () => (identityProvider.isUp ? undefined : 'It is stopped already.'),
      active: () =>
        identityProvider.isUp
          ? undefined
          : 'Stopped: refreshes fail until it is started, and sessions end two lifetimes on.',
      run: () => identityProvider.stop(),
    },
    {
      id: 'start-identity-provider',
      part: 'identity provider',
      verb: 'Start',
      label: 'Start the identity provider',
      hint: 'The next retry succeeds, and every service rotates.',
      effect: 'heals',
      blockedBy: () => (identityProvider.isUp ? 'It is up.' : undefined),
      run: () => identityProvider.start(),
    },
  ];
}

function revocationOf(
  service: ObservedService,
  identityProvider: IdentityProvider,
  callout: NatsAuthCalloutService,
): Action[] {
  const { name } = service;
  return [
    {
      id: `revoke-${name}`,
      part: name,
      verb: 'Revoke',
      label: `Revoke ${name}`,
      hint: 'Neither the identity provider nor NATS admits it, and its connections are ended; requests fail.',
      effect: 'breaks',
      healedBy: `restore-${name}`,
      blockedBy: () => (service.revoked ? 'It is revoked already.' : undefined),
      active: () =>
        service.revoked ? 'Revoked: nobody admits it, and requests fail until it is restored.' : undefined,
      run: async () => {
        service.revoked = true;
        identityProvider.disable(name);
        await callout.revoke(name);
        await callout.kick(name);
      },
    },
    {
      id: `restore-${name}`,
      part: name,
      verb: 'Restore',
      label: `Restore ${name}`,
      hint: 'It is back with its next attempt, by itself.',
      effect: 'heals',
      blockedBy: () => (service.revoked ? undefined : 'It is not revoked.'),
      run: async () => {
        await callout.restore(name);
        identityProvider.enable(name);
        service.revoked = false;
      },
    },
  ];
}
