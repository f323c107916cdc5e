import { X509Certificate } from 'node:crypto';

import { type Clock, duration, knownKeys, oneOf, systemClock } from '../../../base/index.js';
import type { Admission } from '../../admission.js';
import type { AuthorizeContext, Authorizer } from '../../authorizer.js';
import { RefusedError } from '../../errors.js';
import type { CalloutRequest } from '../../request/callout-request.js';
import { checkedFunction } from '../checks.js';
import { completed, type PartialAdmission } from '../completed.js';
import { type ClientCertificate, clientCertificate, validity } from './client-certificate.js';

const IDENTITIES = ['commonName', 'uri', 'dns', 'email'] as const satisfies readonly CertificateIdentity[];

/**
 * Which name of a certificate says who the client is.
 * @public
 */
export type CertificateIdentity = 'commonName' | 'uri' | 'dns' | 'email';

/**
 * Options of `CertificateAuthorizer`.
 * @public
 */
export interface CertificateOptions {
  /** Which name says who the client is; a certificate must have exactly one of that kind. Default: `commonName`. */
  identity?: CertificateIdentity;
  /**
   * As whom the client comes in: by default under that name, and at most until its certificate expires. `undefined` for one that is not known.
   * Throw `RefusedError` to say why it is refused.
   */
  admit: (
    identity: string,
    certificate: ClientCertificate,
    request: CalloutRequest,
    context: AuthorizeContext,
  ) => PartialAdmission | undefined | Promise<PartialAdmission | undefined>;
  /** By how much the clocks of servers and authorities may differ from this one, in ms. Default: 5,000. */
  clockTolerance?: number;
  /**
   * Default: the machine's clock.
   * @internal
   */
  clock?: Clock;
}

/**
 * Admits clients by the certificate of their TLS connection, if the server has verified it: that takes `verify: true` in its `tls` block.
 *
 * ```ts
 * new CertificateAuthorizer({ identity: 'uri', admit: (uri) => (uri === 'spiffe://example.org/orders' ? { account: 'APP' } : undefined) });
 * ```
 * @public
 */
export class CertificateAuthorizer implements Authorizer {
  readonly #identity: CertificateIdentity;
  readonly #admit: CertificateOptions['admit'];
  readonly #tolerance: number;
  readonly #clock: Clock;

  /** @throws `OptionsInvalidError` */
  constructor(options: CertificateOptions) {
    const name = 'CertificateAuthorizer';
    knownKeys(name, options, ['identity', 'admit', 'clockTolerance', 'clock']);
    this.#identity = oneOf(`${name}.identity`, options.identity ?? 'commonName', IDENTITIES);
    this.#admit = checkedFunction(`${name}.admit`, options.admit);
    this.#tolerance = duration(`${name}.clockTolerance`, options.clockTolerance ?? 5_000, 0);
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * @throws {@link RefusedError} `credentials`: there is no verified certificate, or none with such a name; `expired`; or `unknown` to `admit`.
   */
  async authorize(request: CalloutRequest, context: AuthorizeContext): Promise<Admission> {
    const chains = verifiedChains(request);
    const certificate = leafOf(chains);
    const notAfter = this.#validUntil(chains);
    const identity = identityOf(certificate, this.#identity);
    const admission = await this.#admit(identity, certificate, request, context);
    if (!admission)
      throw new RefusedError('The name of the certificate is not known.', { reason: 'unknown' });
    const whole = completed(admission, { name: () => identity, expiresAt: notAfter });
    const { expiresAt } = admission;
    if (expiresAt === undefined || Number(expiresAt) <= notAfter) return whole;
    return { ...whole, expiresAt: notAfter };
  }

  /** The latest end of a chain. It ends with the first of its certificates. */
  #validUntil(chains: readonly Chain[]): number {
    const now = this.#clock.now();
    const ends = chains
      .map((chain) => chain.map(validity))
      .filter((all) => all.every(({ notBefore }) => notBefore <= now + this.#tolerance))
      .map((all) => Math.min(...all.map(({ notAfter }) => notAfter)));
    if (ends.length === 0) throw new RefusedError('The certificate is not valid yet.');
    const end = Math.max(...ends);
    if (end + this.#tolerance > now) return end;
    throw new RefusedError('The certificate has expired.', { reason: 'expired' });
  }
}

/** The certificate of the client, and those that vouch for it. */
type Chain = readonly X509Certificate[];

function verifiedChains({ tls }: CalloutRequest): Chain[] {
  if (!tls)
    throw new RefusedError('The client did not connect with TLS, so that it presents no certificate.');
  const chains = tls.verifiedChains.filter(([leaf]) => leaf !== undefined);
  if (chains.length === 0)
    throw new RefusedError(
      `The server has verified no certificate of the client: that takes 'verify: true' in the 'tls' block of nats-server.`,
    );
  try {
    return chains.map((chain) => chain.map((pem) => new X509Certificate(pem)));
  } catch {
    throw new RefusedError('The certificate of the client cannot be read.');
  }
}

/** Whose the chains are: they are ways to vouch for one certificate. */
function leafOf([chain]: readonly Chain[]): ClientCertificate {
  try {
    const [leaf] = chain ?? [];
    if (leaf) return clientCertificate(leaf);
  } catch {
    // Said below: whoever made the certificate chose what stands in it.
  }
  throw new RefusedError('The names of the certificate cannot be read.');
}

function identityOf(
  { commonName, uris, dnsNames, emails }: ClientCertificate,
  kind: CertificateIdentity,
): string {
  const names = {
    commonName: [commonName].filter((name) => name !== undefined),
    uri: uris,
    dns: dnsNames,
    email: emails,
  }[kind];
  const [name] = names;
  if (name !== undefined && name !== '' && names.length === 1) return name;
  throw new RefusedError(
    `The certificate has ${names.length} names of the kind '${kind}'; exactly one is needed.`,
  );
}
