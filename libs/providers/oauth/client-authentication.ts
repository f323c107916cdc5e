import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto';

import { describeError, OptionsInvalidError } from '../../credentials/index.js';

/**
 * How a client proves who it is. Secrets and keys may be functions that give the current one, for those that rotate.
 * @public
 */
export type ClientAuthentication =
  | {
      readonly method: 'client_secret_basic' | 'client_secret_post';
      /** The secret, or a function that gives the current one. */
      readonly secret: string | (() => string | Promise<string>);
    }
  | {
      /** A JWT signed with the client's key (RFC 7523). */
      readonly method: 'private_key_jwt';
      /** In PEM (PKCS #8): RSA, P-256 or Ed25519. */
      readonly privateKey: string | (() => string | Promise<string>);
      /** The key's id at the authorization server. */
      readonly keyId?: string;
    }
  | {
      /** A client certificate (RFC 8705), in PEM. */
      readonly method: 'tls_client_auth';
      readonly cert: string;
      readonly key: string;
    }
  /** A public client. */
  | { readonly method: 'none' };

/** The part of `oauth4webapi` that is used here. Named here, so that our types need that package nowhere. */
export interface ClientAuthenticationLibrary<T> {
  ClientSecretBasic(secret: string): T;
  ClientSecretPost(secret: string): T;
  PrivateKeyJwt(key: { key: webcrypto.CryptoKey; kid?: string }): T;
  TlsClientAuth(): T;
  None(): T;
}

/** @throws {@link OptionsInvalidError} never quoting a secret. */
export function checkClientAuthentication(
  option: string,
  authentication: ClientAuthentication | undefined,
): void {
  const fail = (name: string, expected: string) => {
    throw new OptionsInvalidError(option + name, `expected ${expected}.`);
  };
  const given = (value: unknown) =>
    typeof value === 'function' || (typeof value === 'string' && value !== '');
  switch (authentication?.method) {
    case 'client_secret_basic':
    case 'client_secret_post':
      if (!given(authentication.secret))
        fail('.secret', 'a string that is not empty, or a function that gives one');
      return;
    case 'private_key_jwt':
      if (!given(authentication.privateKey))
        fail('.privateKey', 'a private key in PEM, or a function that gives one');
      if (typeof authentication.privateKey === 'string') parsePrivateKey(option, authentication.privateKey);
      return;
    case 'tls_client_auth':
      if (!given(authentication.cert)) fail('.cert', 'a certificate in PEM');
      if (!given(authentication.key)) fail('.key', 'a private key in PEM');
      return;
    case 'none':
      return;
    default:
      fail(
        '.method',
        `'client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth' or 'none'`,
      );
  }
}

/** What the OAuth library takes for it. */
export async function clientAuth<T>(
  oauth: ClientAuthenticationLibrary<T>,
  authentication: ClientAuthentication,
): Promise<T> {
  switch (authentication.method) {
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(await present(authentication.secret));
    case 'client_secret_post':
      return oauth.ClientSecretPost(await present(authentication.secret));
    case 'private_key_jwt': {
      const key = await signingKey(parsePrivateKey('privateKey', await present(authentication.privateKey)));
      return oauth.PrivateKeyJwt({ key, kid: authentication.keyId });
    }
    case 'tls_client_auth':
      return oauth.TlsClientAuth();
    case 'none':
      return oauth.None();
  }
}

/** What the library needs to know of the client beside its authentication. */
export function clientOf(
  clientId: string,
  { method }: ClientAuthentication,
): { client_id: string; use_mtls_endpoint_aliases: boolean } {
  return { client_id: clientId, use_mtls_endpoint_aliases: method === 'tls_client_auth' };
}

async function present(secret: string | (() => string | Promise<string>)): Promise<string> {
  return typeof secret === 'function' ? secret() : secret;
}

function parsePrivateKey(option: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new OptionsInvalidError(
      `${option}.privateKey`,
      `expected a private key in PEM (${describeError(error)}).`,
    );
  }
}

async function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const algorithms: Readonly<
    Record<string, webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | string>
  > = {
    rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    ec: { name: 'ECDSA', namedCurve: 'P-256' },
    ed25519: 'Ed25519',
  };
  const algorithm = algorithms[key.asymmetricKeyType ?? ''];
  if (!algorithm)
    throw new OptionsInvalidError('authentication.privateKey', 'expected an RSA, P-256 or Ed25519 key.');
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
}
