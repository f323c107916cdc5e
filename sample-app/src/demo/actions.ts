import type { AuthCalloutService } from '../auth-callout/auth-callout.service.js';
import type { IdentityProvider } from '../identity-provider/identity-provider.js';
import type { NatsOperator } from '../nats/nats-operator.js';
import type { ActionView } from '../page/system-view.js';
import type { ObservedService } from './observed-service.js';

/** Something that can be done to the system. */
export interface Action extends Omit<ActionView, 'available'> {
  readonly isAvailable: () => boolean;
  readonly run: () => Promise<void>;
}

export interface Parts {
  readonly identityProvider: IdentityProvider;
  readonly callout: AuthCalloutService;
  readonly nats: NatsOperator;
  readonly services: readonly ObservedService[];
}

/** The ways to break the system, and to mend it. */
export function actionsOn({ identityProvider, callout, nats, services }: Parts): Action[] {
  return [
    {
      id: 'stop-identity-provider',
      label: 'Stop the identity provider',
      hint: 'Refreshes fail; services go on with what they have for up to two token lifetimes.',
      isAvailable: () => identityProvider.isUp,
      run: () => identityProvider.stop(),
    },
    {
      id: 'start-identity-provider',
      label: 'Start the identity provider',
      hint: 'The next retry succeeds, and every service rotates.',
      isAvailable: () => !identityProvider.isUp,
      run: () => identityProvider.start(),
    },
    {
      id: 'rotate-signing-keys',
      label: 'Rotate the signing keys',
      hint: 'The auth callout meets an unknown key and fetches the keys again; nobody notices.',
      isAvailable: () => identityProvider.isUp,
      run: () => identityProvider.rotateSigningKeys(),
    },
    {
      id: 'restart-nats',
      label: 'Restart a NATS server',
      hint: 'Its clients move to the other server; requests wait meanwhile.',
      isAvailable: () => nats.isComplete,
      run: () => nats.restart('n0'),
    },
    {
      id: 'lame-duck',
      label: 'Put a NATS server into lame-duck mode',
      hint: 'Its clients hand over to the other server and lose nothing; then it ends, and comes back.',
      isAvailable: () => nats.isComplete,
      run: () => nats.lameDuck('n1'),
    },
    ...services.flatMap((service) => revocationOf(service, identityProvider, callout, nats)),
  ];
}

function revocationOf(
  service: ObservedService,
  identityProvider: IdentityProvider,
  callout: AuthCalloutService,
  nats: NatsOperator,
): Action[] {
  const { name } = service;
  return [
    {
      id: `revoke-${name}`,
      label: `Revoke ${name}`,
      hint: `Its connections are ended, and neither the identity provider nor NATS admits it; requests fail.`,
      isAvailable: () => !service.revoked,
      run: async () => {
        service.revoked = true;
        identityProvider.disable(name);
        callout.revoke(name);
        await nats.kick(name);
      },
    },
    {
      id: `restore-${name}`,
      label: `Restore ${name}`,
      hint: 'It is back with its next attempt, by itself.',
      isAvailable: () => service.revoked,
      run: () => {
        callout.restore(name);
        identityProvider.enable(name);
        service.revoked = false;
        return Promise.resolve();
      },
    },
  ];
}
