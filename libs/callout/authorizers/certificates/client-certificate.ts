import type { X509Certificate } from 'node:crypto';

import { alternativeNames } from './alternative-names.js';

/**
 * The certificate of a client, which an authority has vouched for.
 * @public
 */
export interface ClientCertificate {
  /** The common name of the subject, where there is exactly one. */
  readonly commonName?: string;
  /** Alternative names: URIs, such as `spiffe://example.org/orders`. */
  readonly uris: readonly string[];
  /** Names of hosts among its alternative names. */
  readonly dnsNames: readonly string[];
  /** Mail addresses among its alternative names. */
  readonly emails: readonly string[];
  /** The subject, an attribute a line. */
  readonly subject: string;
  /** Who issued it, an attribute a line. */
  readonly issuer: string;
  /** Given by its issuer, in hexadecimal digits. */
  readonly serialNumber: string;
  /** SHA-256, in hexadecimal digits with colons. */
  readonly fingerprint: string;
  /** In ms since the epoch. */
  readonly notBefore: number;
  /** In ms since the epoch. */
  readonly notAfter: number;
}

/** @throws {Error} it is no certificate, or its names cannot be told apart. */
export function clientCertificate(certificate: X509Certificate): ClientCertificate {
  const { URI: uris, DNS: dnsNames, email: emails } = alternativeNames(certificate.subjectAltName ?? '');
  const [commonName, ...others] = [commonNames(certificate)].flat();
  return {
    ...(commonName !== undefined && others.length === 0 && { commonName }),
    uris,
    dnsNames,
    emails,
    subject: certificate.subject,
    issuer: certificate.issuer,
    serialNumber: certificate.serialNumber,
    fingerprint: certificate.fingerprint256,
    ...validity(certificate),
  };
}

/** From when, and until when. */
export function validity({ validFrom, validTo }: X509Certificate): { notBefore: number; notAfter: number } {
  return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
}

/** A subject may have several, whatever the types say. */
function commonNames(certificate: X509Certificate): string | readonly string[] {
  const subject = certificate.toLegacyObject().subject as { CN?: string | string[] } | undefined;
  return subject?.CN ?? [];
}
