import {
  type CalloutOptions,
  calloutServerConfig,
  type CalloutServerConfig,
  RefusedError,
} from '../../../libs/callout/index.js';
import type { NatsServer } from '../../../libs/testing/index.js';
import { accountKeys, curveKeys, type Keys, nkeyCredentials, userKeys } from './keys.js';
import type { Lane } from './lanes.js';
import { type Authorize, type CalloutStart, RunningCallout } from './running-callout.js';

export interface ConfigModeStart extends Partial<CalloutOptions> {
  /** Whether requests are sealed. Default: true. */
  readonly sealed?: boolean;
  /** Default: the users `alice` and `bob` with the password `wonderland`. */
  readonly authorize?: Authorize;
  readonly server?: Partial<CalloutServerConfig>;
  /** Changes the configuration, for controls and for what stands beside it. */
  readonly config?: (text: string) => string;
  readonly jetstream?: boolean;
  /** As whom the callout connects; `server.users` must have it. Default: one that the generator is told. */
  readonly own?: Keys;
  /** How the callout connects beside that, such as with TLS. */
  readonly connection?: object;
}

export interface ConfigMode {
  readonly lane: Lane;
  readonly server: NatsServer;
  readonly issuer: Keys;
  readonly curve: Keys;
  /** How instances of the callout connect. */
  readonly credentials: object;
  readonly options: CalloutOptions;
  /** Starts an instance of the callout. */
  readonly run: (changes?: Changes) => Promise<RunningCallout>;
}

type Changes = Partial<CalloutOptions> & Partial<Pick<CalloutStart, 'authorize' | 'clock' | 'answers'>>;

/** A server in configuration mode, by the generator of this package, and a callout beside it. */
export async function configMode(
  lane: Lane,
  start: ConfigModeStart = {},
): Promise<ConfigMode & { readonly callout: RunningCallout }> {
  const place = await withoutCallout(lane, start);
  return { ...place, callout: await place.run() };
}

/** The same, before the first instance is there. */
export async function withoutCallout(lane: Lane, start: ConfigModeStart = {}): Promise<ConfigMode> {
  const { sealed = true, authorize = byPassword, server: serverConfig, config = same, jetstream } = start;
  const { own = userKeys(), connection = {} } = start;
  const [issuer, curve] = [accountKeys(), curveKeys()];
  const text = calloutServerConfig({
    issuer: issuer.publicKey,
    users: [{ nkey: own.publicKey }],
    accounts: ['APP'],
    ...(sealed ? { xkey: curve.publicKey } : {}),
    ...serverConfig,
  });
  const server = await lane.serve(config(text), jetstream ? { jetstream } : {});
  const options: CalloutOptions = {
    issuer: issuer.seed,
    accounts: ['APP'],
    ...(sealed ? { xkey: curve.seed } : {}),
    ...optionsOf(start),
  };
  const credentials = { ...nkeyCredentials(own), ...connection };
  return {
    lane,
    server,
    issuer,
    curve,
    credentials,
    options,
    run: ({ authorize: other = authorize, clock, answers, ...changes } = {}) =>
      RunningCallout.start({
        lane,
        server,
        credentials,
        options: { ...options, ...changes },
        authorize: other,
        ...(clock ? { clock } : {}),
        ...(answers ? { answers } : {}),
      }),
  };
}

/** Presented by whoever is to come in. */
export const ALICE = { user: 'alice', pass: 'wonderland', name: 'alice' };
export const BOB = { user: 'bob', pass: 'wonderland', name: 'bob' };

/** What the authorizers of these tests do unless a test says otherwise. */
export const byPassword: Authorize = ({ credentials: { user, pass } }) => {
  if (!user || pass !== 'wonderland') throw new RefusedError('The password is wrong.');
  return { name: user };
};

function optionsOf(start: ConfigModeStart): Partial<CalloutOptions> {
  const {
    sealed: _1,
    authorize: _2,
    server: _3,
    config: _4,
    jetstream: _5,
    own: _6,
    connection: _7,
    ...options
  } = start;
  return options;
}

const same = (text: string) => text;
