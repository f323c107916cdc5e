import {
  type AuthorizationRequest,
  decode,
  encodeAuthorizationResponse,
  encodeUser,
  type Permissions,
} from '@nats-io/jwt';
import { createAccount, fromPublic, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { connect, type ConnectionOptions, type Msg } from '@nats-io/transport-node';

/** Who the client becomes. */
export interface CalloutAllow {
  /** Target account: its name in config mode, its public key in operator mode. */
  readonly account: string;
  readonly name: string;
  /** End of the user JWT in ms since the epoch, rounded up to a whole second. Default: for ever. */
  readonly expiresAt?: number;
  readonly permissions?: Partial<Permissions>;
}

/** What the callout answers. `deny` is a reason for the server's log; the client sees `Authorization Violation`. */
export type CalloutDecision = { readonly allow: CalloutAllow } | { readonly deny: string };

export interface AuthCalloutOptions {
  readonly decide: (request: AuthorizationRequest) => CalloutDecision | Promise<CalloutDecision>;
  /** Time in ms before each answer, for a slow service. Default 0. */
  readonly delayMs?: number;
  /** How the responder itself connects. Default: the user that `authCalloutConfig()` has for it. */
  readonly credentials?: Partial<ConnectionOptions>;
  /** Seed of the account that signs the answers. Default: the issuer of `authCalloutConfig()`. */
  readonly issuerSeed?: string;
}

export interface AuthCallout {
  /** Every request so far, in order. */
  readonly requests: readonly AuthorizationRequest[];
  /** Disconnects the responder: from then on the server gets no answer. */
  stop(): Promise<void>;
}

/** One issuer for each test process, so that configuration and responder agree without being told. */
const issuer = createAccount();
const RESPONDER = { user: 'callout', pass: 'callout-password' };

/** Config-mode server configuration whose clients go through the responder. Only servers from 2.10 on take it. */
export function authCalloutConfig(accounts: readonly string[] = ['APP']): string {
  return [
    `accounts {`,
    `  AUTH { users: [ { user: "${RESPONDER.user}", password: "${RESPONDER.pass}" } ] }`,
    ...accounts.map((name) => `  ${name} {}`),
    '  SYS {}',
    '}',
    'system_account: SYS',
    `authorization { auth_callout { issuer: ${issuer.getPublicKey()}, auth_users: [ ${RESPONDER.user} ], account: AUTH } }`,
    '',
  ].join('\n');
}

/** Answers a server's authorization requests as `decide` says. */
export async function startAuthCallout(
  server: { readonly url: string },
  options: AuthCalloutOptions,
): Promise<AuthCallout> {
  const key = options.issuerSeed ? fromSeed(new TextEncoder().encode(options.issuerSeed)) : issuer;
  const connection = await connect({
    servers: server.url,
    name: 'auth-callout',
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    ...(options.credentials ?? RESPONDER),
  });
  const requests: AuthorizationRequest[] = [];
  const pauses = new Set<NodeJS.Timeout>();

  const answer = async (message: Msg): Promise<void> => {
    const request = decode<AuthorizationRequest>(message.string()).nats as AuthorizationRequest;
    requests.push(request);
    if (options.delayMs) await pause(options.delayMs, pauses);
    const decision = await options.decide(request);
    message.respond(await authorizationResponse(key, request, decision));
  };
  connection.subscribe('$SYS.REQ.USER.AUTH', {
    callback: (error, message) => {
      // A failed decision leaves the request unanswered, as a service that crashed would.
      if (!error) answer(message).catch((failure: unknown) => console.error('auth callout:', failure));
    },
  });
  await connection.flush();

  return {
    requests,
    stop: async () => {
      for (const timer of pauses) clearTimeout(timer);
      await connection.close();
    },
  };
}

async function authorizationResponse(
  key: KeyPair,
  request: AuthorizationRequest,
  decision: CalloutDecision,
): Promise<string> {
  const user = fromPublic(request.user_nkey);
  const data =
    'deny' in decision ? { error: decision.deny } : { jwt: await userJwt(key, user, decision.allow) };
  return encodeAuthorizationResponse(user, fromPublic(request.server_id.id), key, data, {});
}

function userJwt(key: KeyPair, user: KeyPair, allow: CalloutAllow): Promise<string> {
  const exp = allow.expiresAt === undefined ? undefined : Math.ceil(allow.expiresAt / 1000);
  // In config mode the audience names the account; in operator mode the signature does and the audience is ignored.
  return encodeUser(allow.name, user, key, allow.permissions ?? {}, { aud: allow.account, exp });
}

function pause(ms: number, pauses: Set<NodeJS.Timeout>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      pauses.delete(timer);
      resolve();
    }, ms);
    pauses.add(timer);
  });
}
