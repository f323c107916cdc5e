import { type webcrypto, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

import { describeError, describeValue, OptionsInvalidError, unsetHint } from '../../base/index.js';
import { textOf } from './option-functions.js';
import { imported, parseSigningKey } from './signing-key.js';

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
  const fail = (name: string, expected: string, got?: unknown) => {
    throw new OptionsInvalidError(
      option + name,
      `expected ${expected}, got ${describeValue(got, 'type')}.${unsetHint(got)}`,
    );
  };
  const given = (value: unknown) =>
    typeof value === 'function' || (typeof value === 'string' && value !== '');
  switch (authentication?.method) {
    case 'client_secret_basic':
    case 'client_secret_post':
      if (!given(authentication.secret))
        fail('.secret', 'a string that is not empty, or a function that gives one', authentication.secret);
      return;
    case 'private_key_jwt':
      if (!given(authentication.privateKey))
        fail('.privateKey', 'a private key in PEM, or a function that gives one', authentication.privateKey);
      if (typeof authentication.privateKey === 'string')
        parseSigningKey(`${option}.privateKey`, authentication.privateKey);
      if (!['string', 'undefined'].includes(typeof authentication.keyId))
        fail('.keyId', 'a string', authentication.keyId);
      return;
    case 'tls_client_auth':
      if (!given(authentication.cert)) fail('.cert', 'a certificate in PEM', authentication.cert);
      if (!given(authentication.key)) fail('.key', 'a private key in PEM', authentication.key);
      checkCertificates(option, authentication);
      return;
    case 'none':
      return;
    default:
      fail(
        '.method',
        `'client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth' or 'none'`,
        (authentication as { method?: unknown } | undefined)?.method,
      );
  }
}

/**
 * Checks certificates in PEM at start: otherwise a bad one would fail only the first handshake.
 * @throws {@link OptionsInvalidError} never quoting a key.
 */
export function checkCertificates(
  option: string,
  { ca, cert, key }: { ca?: string; cert?: string; key?: string },
): void {
  try {
    for (const pem of [ca, cert]) if (pem !== undefined) new X509Certificate(pem);
    createSecureContext({ ca, cert, key });
  } catch (error) {
    throw new OptionsInvalidError(
      option,
      `expected certificates in PEM, with their key (${describeError(error)}).`,
    );
  }
}

/**
 * What the OAuth library takes for it.
 * @throws {@link OptionsInvalidError} {@link UserInfoUnavailableError} when a secret or key cannot be had, naming the option.
 */
export async function clientAuth<T>(
  oauth: ClientAuthenticationLibrary<T>,
  option: string,
  authentication: ClientAuthentication,
  signal: AbortSignal,
): Promise<T> {
  switch (authentication.method) {
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(await textOf(`${option}.secret`, signal, authentication.secret));
    case 'client_secret_post':
      return oauth.ClientSecretPost(await textOf(`${option}.secret`, signal, authentication.secret));
    case 'private_key_jwt': {
      const name = `${option}.privateKey`;
      const pem = await textOf(name, signal, authentication.privateKey);
      return oauth.PrivateKeyJwt({
        key: await imported(parseSigningKey(name, pem)),
        kid: authentication.keyId,
      });
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
