import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

import { createAccount, createCurve } from '@nats-io/nkeys';

import { publicNkey, rawPublicKey } from '../../libs/base/index.js';
import { curveKeys } from '../../libs/callout/keys/curve-keys.js';

/** A request as a server sends it, sealed. */
export interface SealedRequest {
  readonly data: Uint8Array;
  readonly reply: string;
  readonly serverXkey: string;
}

/** The same with its data in base64, as one process gives it to another. */
export type StoredRequest = Omit<SealedRequest, 'data'> & { readonly data: string };

/** Seeds of the callout. */
export interface Keys {
  readonly issuer: string;
  readonly curve: string;
}

/** Makes requests as nats-server 2.10 does for clients with a token, fast enough that many can be made ahead. */
export class FakeServer {
  readonly #issuer: { readonly seed: string; readonly publicKey: string };
  readonly #key: KeyObject;
  readonly #id: string;

  private constructor(
    private readonly xkey: string,
    private readonly curve: string,
    private readonly seal: (data: Uint8Array) => Uint8Array,
  ) {
    const { privateKey } = generateKeyPairSync('ed25519');
    const issuer = createAccount();
    // The NKey library works the public key out each time that it is asked for.
    this.#issuer = { seed: seedOf(issuer), publicKey: issuer.getPublicKey() };
    this.#key = privateKey;
    this.#id = publicNkey('server', rawPublicKey(privateKey));
  }

  static async start(): Promise<FakeServer> {
    const [own, callouts] = [createCurve(), createCurve()];
    // What opens a message can seal an answer, much faster than the NKey library can.
    const keys = await curveKeys('xkey', seedOf(own));
    const opened = keys.open(
      callouts.seal(Buffer.from('hello'), own.getPublicKey()),
      callouts.getPublicKey(),
    );
    if (!opened) throw new Error('The two curve keys do not fit.');
    return new FakeServer(own.getPublicKey(), seedOf(callouts), (data) => opened.seal(data));
  }

  get keys(): Keys {
    return { issuer: this.#issuer.seed, curve: this.curve };
  }

  requests(count: number): StoredRequest[] {
    return Array.from({ length: count }, () => ({
      data: Buffer.from(this.seal(Buffer.from(this.#jwt()))).toString('base64'),
      reply: `$SYS._INBOX.${randomBytes(16).toString('base64url')}`,
      serverXkey: this.xkey,
    }));
  }

  #jwt(): string {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      aud: 'nats-authorization-request',
      exp: now + 600,
      iat: now,
      iss: this.#id,
      jti: randomBytes(32).toString('hex'),
      sub: this.#issuer.publicKey,
      nats: {
        server_id: {
          name: this.#id,
          host: '127.0.0.1',
          id: this.#id,
          version: '2.10.27',
          xkey: this.xkey,
        },
        // A key that nobody has signs as well as any other.
        user_nkey: publicNkey('user', randomBytes(32)),
        client_info: {
          host: '127.0.0.1',
          id: 7,
          user: 'orders',
          name: 'orders',
          type: 'nats',
          nonce: 'x',
          kind: 'Client',
        },
        connect_opts: {
          auth_token: randomBytes(300).toString('base64url'),
          name: 'orders',
          lang: 'nats.js',
          version: '3.4.0',
          protocol: 1,
        },
        type: 'authorization_request',
        version: 2,
      },
    };
    const signed = `${base64url({ typ: 'JWT', alg: 'ed25519-nkey' })}.${base64url(claims)}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.#key).toString('base64url')}`;
  }
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function seedOf(pair: { getSeed(): Uint8Array }): string {
  return new TextDecoder().decode(pair.getSeed());
}
