import { createHash, generateKeyPairSync, sign } from 'node:crypto';

import { publicNkey, rawPublicKey } from '../../base/index.js';
import { MARK } from '../../base/secrets.fixture.js';
import { accountSigner, type AccountSigner } from '../keys/account-signer.js';
import { curveKeys } from '../keys/curve-keys.js';
import { seedOf } from '../keys/keys.fixture.js';
import type { CalloutSettings } from '../settings.js';
import { createAccount, createCurve, type KeyPair } from '../../../test/support/nats-reference.js';
import { accountsAllowed } from '../accounts/accounts-allowed.js';

/** Claims of a request, as loose as a test needs them. */
export type TestClaims = Record<string, unknown> & { nats: Record<string, Record<string, unknown>> };
export type Change = (claims: TestClaims) => unknown;

/** A message as the callout gets it. */
export interface TestMessage {
  data: Uint8Array;
  reply?: string;
  serverXkey?: string;
}

/** When requests of this file are made, by default. */
export const NOW = Date.UTC(2030, 0, 1);
export const PASSWORD = `password-${MARK}`;
export const issuerKey = createAccount();
export const issuer: AccountSigner = accountSigner('callout.issuer', seedOf(issuerKey));

/** What a client presents, and is, in requests of this file. */
const PRESENTED = { user: 'alice', pass: PASSWORD, name: 'shop', lang: 'node', version: '1.0', protocol: 1 };

/** Makes requests as a nats-server does. */
export class TestServer {
  readonly #key = generateKeyPairSync('ed25519').privateKey;
  readonly id = publicNkey('server', rawPublicKey(this.#key));
  readonly #curve = createCurve();
  readonly xkey = this.#curve.getPublicKey();

  constructor(
    private readonly account = issuer.publicKey,
    private readonly now: () => number = () => NOW,
  ) {}

  claims(change: Change = () => {}): TestClaims {
    const iat = Math.floor(this.now() / 1_000);
    const claims: TestClaims = {
      aud: 'nats-authorization-request',
      exp: iat + 2,
      iat,
      // nats-server hashes what stands beside `nats`: requests of one second have one id.
      jti: createHash('sha256').update(`${iat} ${this.id}`).digest('base64url'),
      iss: this.id,
      sub: this.account,
      nats: {
        server_id: { name: 'n1', host: '127.0.0.1', id: this.id, version: '2.10.27', tags: ['az:1'] },
        client_info: { host: '10.0.0.1', id: 8, user: 'alice', name: 'shop', kind: 'Client', type: 'nats' },
        connect_opts: { ...PRESENTED },
        ...({ user_nkey: newUserNkey(), type: 'authorization_request', version: 2 } as object),
      },
    };
    change(claims);
    return claims;
  }

  /** Signs whatever it gets: claims, or the JSON of some. */
  sign(claims: unknown, header: object = { typ: 'JWT', alg: 'ed25519-nkey' }): string {
    const body = typeof claims === 'string' ? claims : JSON.stringify(claims);
    const signed = [JSON.stringify(header), body].map(base64url).join('.');
    return `${signed}.${base64url(sign(null, Buffer.from(signed), this.#key))}`;
  }

  request(change?: Change): TestMessage {
    return messageOf(this.sign(this.claims(change)));
  }

  /** Seals its request to a curve key, and says so in the header and in its claims. */
  sealed(to: string, change: Change = () => {}): Required<TestMessage> {
    const { data, reply } = this.request((claims) => {
      claims.nats['server_id'] = { ...claims.nats['server_id'], xkey: this.xkey };
      change(claims);
    });
    return { data: this.#curve.seal(data, to), reply: reply ?? '', serverXkey: this.xkey };
  }

  /** What it reads of an answer that is sealed to it. */
  open(sealed: Uint8Array, from: string): Uint8Array {
    return this.#curve.open(sealed, from) ?? new Uint8Array();
  }
}

let replies = 0;

export function messageOf(text: string): TestMessage {
  return { data: Buffer.from(text), reply: `$SYS._INBOX.AbCdEfGh.${(replies++).toString(36)}` };
}

export function settingsOf(settings: Partial<CalloutSettings> = {}): CalloutSettings {
  return {
    issuers: [issuer],
    issuerFor: (subject) => (subject === issuer.account ? issuer : undefined),
    accounts: accountsAllowed(['APP'], [issuer], 'AUTH'),
    maxSession: 3_600_000,
    timeout: 2_000,
    concurrency: 64,
    refusals: 'answer',
    queue: 'callout',
    clockTolerance: 5_000,
    maxRequestSize: 65_536,
    revoked: [],
    ...settings,
  };
}

/** Curve keys of the callout, with the public one. */
export async function testCurves(...keys: KeyPair[]) {
  const all = keys.length > 0 ? keys : [createCurve()];
  const curves = await curveKeys(
    'callout.xkey',
    all.map((key) => seedOf(key)),
  );
  return { curves, xkey: curves.publicKeys[0] ?? '' };
}

export function newUserNkey(): string {
  return newUser().nkey;
}

/** A user with a key, who signs as clients do. */
export function newUser() {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    nkey: publicNkey('user', rawPublicKey(privateKey)),
    sign: (nonce: string) => sign(null, Buffer.from(nonce), privateKey),
  };
}

function base64url(data: string | Uint8Array): string {
  return Buffer.from(data as Uint8Array).toString('base64url');
}
