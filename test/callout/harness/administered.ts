import type { NatsServer } from '../../../libs/testing/index.js';
import { Administration } from '../../../src/callout/administration/administration.js';
import { KnownSessions } from '../../../src/callout/administration/known-sessions.js';
import type { NatsConnection } from '../../../src/module/nats-connection.js';
import { connect } from './clients.js';
import { configMode } from './config-mode.js';
import { nkeyCredentials, userKeys } from './keys.js';
import type { Lane } from './lanes.js';
import { operatorMode } from './operator-mode.js';
import type { Authorize, RunningCallout } from './running-callout.js';

/** A server whose callout has an administrator with a user of the system account. */
export interface Administered {
  readonly server: NatsServer;
  readonly callout: RunningCallout;
  readonly administration: Administration;
  /** What a client presents beside its user and password. */
  readonly present: (userAndPass: { user: string; pass: string; name?: string }) => object;
}

/** In configuration mode its user is one of `systemUsers` of the generated configuration. */
export async function administeredConfigMode(lane: Lane, authorize: Authorize): Promise<Administered> {
  const admin = userKeys();
  const known = new KnownSessions();
  const { server, callout } = await configMode(lane, {
    server: { systemUsers: [{ nkey: admin.publicKey }] },
    authorize: remembered(known, authorize),
  });
  const open = () => connect(lane, server, nkeyCredentials(admin));
  return {
    server,
    callout,
    administration: administrationOf(callout, known, open),
    present: (client) => client,
  };
}

export async function administeredOperatorMode(lane: Lane, authorize: Authorize): Promise<Administered> {
  const known = new KnownSessions();
  const { server, callout, present, system, member } = await operatorMode(lane, {
    authorize: remembered(known, authorize),
  });
  const open = async () => connect(lane, server, await member(system));
  return { server, callout, administration: administrationOf(callout, known, open), present };
}

function remembered(known: KnownSessions, authorize: Authorize): Authorize {
  const following = known.following({ authorize });
  return (request, context) => following.authorize(request, context);
}

function administrationOf(
  { callout, events, settings }: RunningCallout,
  known: KnownSessions,
  open: () => Promise<unknown>,
): Administration {
  const connection = () => open() as Promise<NatsConnection>;
  return new Administration({ name: 'callout', settings, callout, events, known, system: { connection } });
}
