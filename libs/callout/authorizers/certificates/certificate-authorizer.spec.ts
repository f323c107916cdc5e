import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';

import { OptionsInvalidError } from '../../../base/index.js';
import { authorized, refusalOf, requestOf } from '../../request.fixture.js';
import { alternativeNames } from './alternative-names.js';
import { CertificateAuthorizer, type CertificateOptions } from './certificate-authorizer.js';

const HOUR = 3_600_000;
// Certificates have whole seconds.
const NOW = Math.floor(Date.now() / 1_000) * 1_000;

type AltName = { type: 1 | 2 | 6; value: string };

async function certificate(
  altNames: AltName[] = [],
  { cn = ['orders'], from = NOW - HOUR, to = NOW + HOUR }: { cn?: string[]; from?: number; to?: number } = {},
): Promise<string> {
  const attributes = cn.map((value) => ({ name: 'commonName', value }));
  const pems = await generate(attributes, {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(from),
    notAfterDate: new Date(to),
    extensions: altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : [],
  });
  return pems.cert;
}

const presenting = (...verifiedChains: string[][]) =>
  requestOf({}, { tls: { certificates: [], verifiedChains } });
const authorizerOf = (options: Partial<CertificateOptions> = {}) =>
  new CertificateAuthorizer({ admit: () => ({}), ...options });

describe('the client of a verified certificate', () => {
  it.each<[NonNullable<CertificateOptions['identity']>, string]>([
    ['commonName', 'orders'],
    ['uri', 'spiffe://example.org/orders'],
    ['dns', 'orders.example.org'],
    ['email', 'orders@example.org'],
  ])('comes in under its %s, until the certificate expires', async (identity, name) => {
    const pem = await certificate([
      { type: 6, value: 'spiffe://example.org/orders' },
      { type: 2, value: 'orders.example.org' },
      { type: 1, value: 'orders@example.org' },
    ]);
    const admission = await authorized(authorizerOf({ identity }), presenting([pem]));
    expect(admission).toEqual({ name, expiresAt: NOW + HOUR });
  });

  it('comes in as the application says, and never for longer than the certificate is valid', async () => {
    const pem = await certificate();
    const until = (expiresAt: number | Date) =>
      authorized(authorizerOf({ admit: () => ({ name: 'x', expiresAt }) }), presenting([pem]));
    expect(await until(NOW + 1)).toEqual({ name: 'x', expiresAt: NOW + 1 });
    expect(await until(NOW + 2 * HOUR)).toEqual({ name: 'x', expiresAt: NOW + HOUR });
    expect(await until(new Date(NOW + 2 * HOUR))).toEqual({ name: 'x', expiresAt: NOW + HOUR });
  });

  it('comes in until the first certificate of its chain expires, and by the best of its chains', async () => {
    const leaf = await certificate();
    const [soon, late] = [
      await certificate([], { to: NOW + 60_000 }),
      await certificate([], { to: NOW + 9 * HOUR }),
    ];
    expect(await authorized(authorizerOf(), presenting([leaf, soon]))).toMatchObject({
      expiresAt: NOW + 60_000,
    });
    const both = presenting([leaf, soon], [leaf, late]);
    expect(await authorized(authorizerOf(), both)).toMatchObject({ expiresAt: NOW + HOUR });
  });

  it('is shown to the application with all its names', async () => {
    const pem = await certificate([{ type: 6, value: 'spiffe://example.org/orders' }]);
    const admit: CertificateOptions['admit'] = (identity, { uris, commonName, fingerprint }) => ({
      tags: [identity, ...uris, String(commonName), String(/^([0-9A-F]{2}:){31}/.test(fingerprint))],
    });
    expect(await authorized(authorizerOf({ admit }), presenting([pem]))).toMatchObject({
      tags: ['orders', 'spiffe://example.org/orders', 'orders', 'true'],
    });
  });

  it('that the application does not know is refused as unknown', async () => {
    const authorizer = authorizerOf({ admit: () => undefined });
    expect(await refusalOf(authorizer, presenting([await certificate()]))).toMatchObject({
      reason: 'unknown',
    });
  });
});

describe('a client is refused', () => {
  it('that presents a certificate that no authority vouches for, and its operator hears what to do', async () => {
    const request = requestOf({}, { tls: { certificates: [await certificate()], verifiedChains: [] } });
    expect(await refusalOf(authorizerOf(), request)).toMatchObject({
      reason: 'credentials',
      message: expect.stringContaining('verify: true') as string,
    });
    expect(await refusalOf(authorizerOf(), presenting([]))).toMatchObject({ reason: 'credentials' });
    expect(await refusalOf(authorizerOf(), requestOf({}))).toMatchObject({ reason: 'credentials' });
  });

  it.each<[string, () => Promise<string>, NonNullable<CertificateOptions['identity']>]>([
    ['of that kind', () => certificate(), 'uri'],
    [
      'but two',
      () =>
        certificate([
          { type: 2, value: 'a.example' },
          { type: 2, value: 'b.example' },
        ]),
      'dns',
    ],
    ['but two common ones', () => certificate([], { cn: ['orders', 'admin'] }), 'commonName'],
    ['at all', () => Promise.resolve('no certificate'), 'commonName'],
  ])('whose certificate has no one name %s', async (_, pem, identity) => {
    const refusal = await refusalOf(authorizerOf({ identity }), presenting([await pem()]));
    expect(refusal).toMatchObject({ code: 'REFUSED', reason: 'credentials' });
  });

  it('whose certificate, or one that vouches for it, has expired or is not valid yet, by more than the tolerance', async () => {
    const good = await certificate();
    const old = await certificate([], { to: NOW - 60_000 });
    const young = await certificate([], { from: NOW + 60_000 });
    const refusal = (pems: string[], clockTolerance: number) =>
      refusalOf(authorizerOf({ clockTolerance }), presenting(pems));
    for (const chain of [[old], [good, old]]) {
      expect(await refusal(chain, 5_000)).toMatchObject({ reason: 'expired' });
      expect(await refusal(chain, HOUR)).toBeUndefined();
    }
    for (const chain of [[young], [good, young]]) {
      expect(await refusal(chain, 5_000)).toMatchObject({ reason: 'credentials' });
      expect(await refusal(chain, HOUR)).toBeUndefined();
    }
  });
});

describe('alternative names', () => {
  it('are told apart as Node.js writes them', () => {
    const text = 'DNS:a.example, URI:"spiffe://x/a, DNS:b.example", IP Address:127.0.0.1, email:a@example';
    expect(alternativeNames(text)).toEqual({
      DNS: ['a.example'],
      URI: ['spiffe://x/a, DNS:b.example'],
      email: ['a@example'],
    });
    expect(alternativeNames('')).toEqual({ DNS: [], URI: [], email: [] });
  });

  it('of a certificate whose maker put two in one are one', async () => {
    const pem = await certificate([{ type: 2, value: 'evil.example, DNS:admin.example' }]);
    const admission = await authorized(authorizerOf({ identity: 'dns' }), presenting([pem]));
    expect(admission).toMatchObject({ name: 'evil.example, DNS:admin.example' });
  });

  it.each(['DNS:"a', 'nothing', 'DNS:a,URI:b', 'DNS:a"b'])('that are not written so are none: %j', (text) => {
    expect(() => alternativeNames(text)).toThrow('cannot be told apart');
  });
});

describe('options of a CertificateAuthorizer', () => {
  it.each<[string, object]>([
    ['admit', {}],
    ['identity', { admit: () => ({}), identity: 'subject' }],
    ['clockTolerance', { admit: () => ({}), clockTolerance: '5s' }],
    ['ca', { admit: () => ({}), ca: 'pem' }],
  ])('are refused by name: %s', (option, options) => {
    const make = () => new CertificateAuthorizer(options as CertificateOptions);
    expect(make).toThrow(OptionsInvalidError);
    expect(make).toThrow(`'CertificateAuthorizer.${option}'`);
  });
});
