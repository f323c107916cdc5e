import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generate } from 'selfsigned';

export interface TlsFiles {
  /** The authority in PEM, for a client's `tls: { ca }`. */
  readonly ca: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** The `tls` block of a server configuration. */
  config(): string;
  /** Puts other certificates in the place of the server's and its authority's. In force after a reload. */
  renew(): Promise<void>;
  /** Removes the folder. */
  remove(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate authority of one day and a server certificate of it for localhost and 127.0.0.1, in a temporary folder. */
export async function createTlsFiles(): Promise<TlsFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-tls-'));
  const [caFile, certFile, keyFile] = [
    join(folder, 'ca.pem'),
    join(folder, 'cert.pem'),
    join(folder, 'key.pem'),
  ];
  let ca = '';
  const renew = async () => {
    const pems = await generatePems();
    ca = pems.ca;
    await writeFile(caFile, ca);
    await writeFile(certFile, pems.cert);
    await writeFile(keyFile, pems.key, { mode: 0o600 });
  };
  await renew();
  return {
    get ca() {
      return ca;
    },
    caFile,
    certFile,
    keyFile,
    config: () => `tls { cert_file: "${certFile}", key_file: "${keyFile}" }\n`,
    renew,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function generatePems(): Promise<{ ca: string; cert: string; key: string }> {
  const common = { keyType: 'ec', algorithm: 'sha256', notAfterDate: new Date(Date.now() + DAY_MS) } as const;
  const authority = await generate([{ name: 'commonName', value: 'Test authority' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'Test server' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { ca: authority.cert, cert: server.cert, key: server.private };
}
