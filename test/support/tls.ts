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
  /** A certificate of the authority for a client, in PEM. */
  clientCertificate(commonName: string): Promise<{ readonly cert: string; readonly key: string }>;
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
  let authority = await createAuthority();
  const write = async () => {
    const server = await serverCertificate(authority);
    await writeFile(caFile, authority.cert);
    await writeFile(certFile, server.cert);
    await writeFile(keyFile, server.private, { mode: 0o600 });
  };
  await write();
  return {
    get ca() {
      return authority.cert;
    },
    caFile,
    certFile,
    keyFile,
    config: () => `tls { cert_file: "${certFile}", key_file: "${keyFile}" }\n`,
    clientCertificate: async (commonName) => {
      const { cert, private: key } = await clientCertificate(authority, commonName);
      return { cert, key };
    },
    renew: async () => {
      authority = await createAuthority();
      await write();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

type Authority = Awaited<ReturnType<typeof createAuthority>>;

const common = () =>
  ({ keyType: 'ec', algorithm: 'sha256', notAfterDate: new Date(Date.now() + DAY_MS) }) as const;

function createAuthority() {
  return generate([{ name: 'commonName', value: 'Test authority' }], {
    ...common(),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
}

function serverCertificate(authority: Authority) {
  return generate([{ name: 'commonName', value: 'Test server' }], {
    ...common(),
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
}

function clientCertificate(authority: Authority, commonName: string) {
  return generate([{ name: 'commonName', value: commonName }], {
    ...common(),
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', clientAuth: true },
    ],
  });
}
