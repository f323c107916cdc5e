import {
  type Account,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  type Permissions,
  type User,
} from '@nats-io/jwt';
import { createAccount, createOperator, createUser, fromSeed } from '@nats-io/nkeys';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';

/** A user of a server in operator mode, as a client presents it. */
export interface MintedUser {
  readonly jwt: string;
  readonly seed: string;
  /** Contents of a .creds file. */
  readonly creds: string;
  readonly publicKey: string;
  /** Ms since the epoch; absent for a user that does not expire. */
  readonly expiresAt?: number;
}

export interface MintOptions {
  /** Name in the JWT. Default `user`. */
  readonly name?: string;
  /** Lifetime in ms. The server counts whole seconds: the end is rounded up to the next one. Default: for ever. */
  readonly expiresInMs?: number;
  /** The end in ms since the epoch, in place of `expiresInMs`. */
  readonly expiresAt?: number;
  readonly permissions?: Partial<Permissions>;
  /** How many subscriptions a connection of the user may have. Default: no limit. */
  readonly maxSubscriptions?: number;
  /** Mints a user whose JWT alone gets in, with no signature: what callout deployments hand out as sentinel. */
  readonly bearer?: boolean;
}

export interface OperatorMode {
  /** Public key of the account that users are minted in. */
  readonly account: string;
  /** Seed of that account, for a service that mints users itself. */
  readonly accountSeed: string;
  mintUser(options?: MintOptions): Promise<MintedUser>;
  /** A sentinel: a bearer user that may do nothing once an auth callout does not lift it. */
  mintSentinel(): Promise<MintedUser>;
  /** Takes back all JWTs that this user got up to now. In force after `pushClaims()` or a reload of `config()`. */
  revoke(publicKey: string): void;
  /** How many connections the account may have; -1 for no limit. In force as `revoke()` is. */
  limitConnections(most: number): void;
  /** Hands authentication to an auth callout: these users bypass it, all others go through it. */
  useAuthCallout(callout: { readonly authUsers: readonly string[] }): void;
  /**
   * Tells a running server the account's present state over its system account: only revoked users are ended. The
   * server acts on it a moment later and forgets it when it restarts.
   */
  pushClaims(server: { readonly url: string }): Promise<void>;
  /** Has a running server end this connection, whose user info stays valid. From nats-server 2.10 on. */
  kick(server: { readonly url: string }, connection: { readonly cid: number }): Promise<void>;
  /**
   * Server configuration of the present state. A reload of changed account claims ends the account's other
   * connections too, those without any `-ERR`.
   */
  config(): Promise<string>;
}

/** The limits of an account that has none. */
export const UNLIMITED = {
  conn: -1,
  leaf: -1,
  imports: -1,
  exports: -1,
  data: -1,
  payload: -1,
  subs: -1,
  wildcards: true,
};

/** What an account needs to make streams. */
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/**
 * An operator, its system account and one account, for a server with a memory resolver.
 * @param options.jetStream whether the account may use JetStream. Default: false.
 */
export async function createOperatorMode({ jetStream = false } = {}): Promise<OperatorMode> {
  const [operatorKey, systemKey, accountKey] = [createOperator(), createAccount(), createAccount()];
  const system = systemKey.getPublicKey();
  const account = accountKey.getPublicKey();
  const operatorJwt = await encodeOperator('operator', operatorKey, { system_account: system });
  const revocations: Record<string, number> = {};
  let authorization: Account['authorization'];
  let limits = jetStream ? { ...UNLIMITED, ...JETSTREAM } : UNLIMITED;

  const accountJwt = (name: string, key: typeof accountKey, claims: Partial<Account> = {}) =>
    encodeAccount(name, key, { limits: UNLIMITED, ...claims }, { signer: operatorKey });

  const appJwt = () =>
    accountJwt('APP', accountKey, { limits, revocations, ...(authorization ? { authorization } : {}) });

  const mintUser = async (options: MintOptions = {}): Promise<MintedUser> => {
    const key = createUser();
    const until = options.expiresAt ?? (options.expiresInMs && Date.now() + options.expiresInMs);
    const exp = until === undefined ? undefined : Math.ceil(until / 1000);
    const { permissions, bearer = false, maxSubscriptions = -1 } = options;
    const claims: Partial<User> = { ...permissions, bearer_token: bearer, subs: maxSubscriptions };
    const jwt = await encodeUser(options.name ?? 'user', key, accountKey, claims, { exp });
    return {
      jwt,
      seed: text(key.getSeed()),
      creds: text(fmtCreds(jwt, key)),
      publicKey: key.getPublicKey(),
      ...(exp === undefined ? {} : { expiresAt: exp * 1000 }),
    };
  };

  /** Does something as a user of the system account. */
  const asSystem = async (url: string, act: (connection: NatsConnection) => unknown) => {
    const key = createUser();
    const creds = fmtCreds(await encodeUser('system', key, systemKey), key);
    const connection = await connect({ servers: url, authenticator: credsAuthenticator(creds) });
    try {
      await act(connection);
      await connection.flush();
    } finally {
      await connection.close();
    }
  };

  return {
    account,
    accountSeed: text(accountKey.getSeed()),
    mintUser,
    mintSentinel: () =>
      mintUser({
        name: 'sentinel',
        bearer: true,
        permissions: { pub: { deny: ['>'] }, sub: { deny: ['>'] } },
      }),
    revoke: (publicKey) => {
      revocations[publicKey] = Math.floor(Date.now() / 1000);
    },
    limitConnections: (most) => {
      limits = { ...limits, conn: most };
    },
    useAuthCallout: ({ authUsers }) => {
      authorization = { auth_users: [...authUsers], allowed_accounts: [account] };
    },
    pushClaims: (server) =>
      asSystem(server.url, async (connection) =>
        connection.publish(`$SYS.REQ.ACCOUNT.${account}.CLAIMS.UPDATE`, await appJwt()),
      ),
    kick: (server, { cid }) =>
      asSystem(server.url, (connection) =>
        connection.request(`$SYS.REQ.SERVER.${connection.info?.server_id}.KICK`, JSON.stringify({ cid })),
      ),
    config: async () => {
      return [
        `operator: ${operatorJwt}`,
        `system_account: ${system}`,
        'resolver: MEMORY',
        `resolver_preload: {`,
        `  ${system}: ${await accountJwt('SYS', systemKey)}`,
        `  ${account}: ${await appJwt()}`,
        '}',
        '',
      ].join('\n');
    },
  };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What the driver's own authenticators make of a minted user, for the callout service itself. */
export function credentialsOf({ jwt, seed }: MintedUser) {
  return (nonce?: string) => {
    const keys = fromSeed(new TextEncoder().encode(seed));
    return {
      jwt,
      nkey: keys.getPublicKey(),
      sig: Buffer.from(keys.sign(new TextEncoder().encode(nonce))).toString('base64url'),
    };
  };
}
