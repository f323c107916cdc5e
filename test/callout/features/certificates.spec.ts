import { describe, expect, it, onTestFinished } from 'vitest';

import { CertificateAuthorizer } from '../../../libs/callout/index.js';
import { createTlsFiles } from '../../support/tls.js';
import { connect, refusal, seenBy, VIOLATION } from '../harness/clients.js';
import { configMode } from '../harness/config-mode.js';
import { LANES } from '../harness/lanes.js';

const tlsFiles = async () => {
  const files = await createTlsFiles();
  onTestFinished(() => files.remove());
  return files;
};

describe.each(LANES)('$label: the certificate of a client', (lane) => {
  /** A server with TLS, and a callout that knows `orders`. */
  const start = async (verify: boolean) => {
    const files = await tlsFiles();
    const { caFile, certFile, keyFile } = files;
    const tlsOf = async (commonName: string, issuer = files) => ({
      name: commonName,
      tls: { ca: files.ca, ...(await issuer.clientCertificate(commonName)) },
    });
    const authorizer = new CertificateAuthorizer({
      admit: (name) => (name === 'orders' ? { tags: ['by:certificate'] } : undefined),
    });
    const { tls } = await tlsOf('callout');
    const place = await configMode(lane, {
      authorize: authorizer.authorize.bind(authorizer),
      connection: { tls },
      config: (text) =>
        `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}", verify: ${verify} }\n${text}`,
    });
    return { ...place, tlsOf };
  };

  it('that the server has verified lets it in under its name, and no other', async () => {
    const { server, callout, tlsOf } = await start(true);
    await connect(lane, server, await tlsOf('orders'));
    expect(await seenBy(server, 'orders')).toMatchObject({ account: 'APP', authorized_user: 'orders' });
    expect(callout.asked[0]?.tls?.verifiedChains[0]).toHaveLength(2);
    expect(await refusal(lane, server, await tlsOf('billing'))).toMatch(VIOLATION);
    expect(await callout.until('refused')).toMatchObject({ reason: 'unknown', client: 'billing' });
  });

  it('of another authority does not come as far as the callout', async () => {
    const { server, callout, tlsOf } = await start(true);
    await refusal(lane, server, await tlsOf('orders', await tlsFiles()));
    expect(callout.messages).toEqual([]);
  });

  it('that the server does not verify lets nobody in, and what is missing is told', async () => {
    const { server, callout, tlsOf } = await start(false);
    expect(await refusal(lane, server, await tlsOf('orders'))).toMatch(VIOLATION);
    const { reason, error } = await callout.until('refused');
    expect(reason).toBe('credentials');
    expect(error.message).toContain('verify: true');
  });
});
