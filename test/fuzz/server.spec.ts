import fc from 'fast-check';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import {
  AuthConnection,
  type ConnectionOptions,
  type NatsAuthEvents,
  rejectionSettings,
} from '../../libs/connection/index.js';
import { CredentialSource, refreshSettings } from '../../libs/credentials/index.js';
import { Emitter } from '../../libs/base/index.js';
import { DRIVERS, type TestedDriver } from '../drivers/drivers.js';
import { startHostileServer, type Step } from '../support/hostile-server.js';
import { expectClear } from './harness/clear-error.js';
import { fuzz } from './harness/fuzz.js';
import { texts } from './harness/odd-values.js';
import { expectNoSecret, SECRETS, withoutPlainSecrets } from './harness/secrets.js';
import { within } from './harness/within.js';

const bytes = (text: string) => new TextEncoder().encode(text);

const infoFields = {
  server_id: fc.string(),
  version: fc.oneof(fc.constantFrom('2.10.27', '', '2', 'x.y.z', '99999999999.0.0'), fc.jsonValue()),
  proto: fc.oneof(fc.constant(1), fc.jsonValue()),
  headers: fc.oneof(fc.boolean(), fc.jsonValue()),
  max_payload: fc.oneof(fc.constantFrom(1_048_576, 0, -1), fc.jsonValue()),
  auth_required: fc.oneof(fc.boolean(), fc.jsonValue()),
  nonce: fc.oneof(fc.string(), fc.jsonValue()),
  tls_required: fc.constant(false),
  ldm: fc.oneof(fc.boolean(), fc.jsonValue()),
  connect_urls: fc.oneof(
    fc.array(fc.constantFrom('127.0.0.1:1', '', ':', '[::1]:1', '127.0.0.1:99999')),
    // Other addresses might be somebody's, and names would be looked up.
    fc.constantFrom(null, 5, {}, 'x', [[]], [5], [null]),
  ),
  client_id: fc.jsonValue(),
};
const GOOD = { server_id: 'x', version: '2.10.27', proto: 1, headers: true, max_payload: 1_048_576 };

const infos = fc.oneof(
  { weight: 2, arbitrary: fc.constant(`INFO ${JSON.stringify(GOOD)}\r\n`) },
  {
    weight: 4,
    arbitrary: fc
      .record(infoFields, { requiredKeys: [] })
      .map((odd) => `INFO ${JSON.stringify({ ...GOOD, ...odd })}\r\n`),
  },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => `INFO ${JSON.stringify(value)}\r\n`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'INFO',
      'INFO \r\n',
      'INFO {\r\n',
      'INFO {}\r\n',
      `INFO ${'['.repeat(50_000)}\r\n`,
    ),
  },
);

/** What a server that never saw a secret says. */
const words = texts.map((text) => (withoutPlainSecrets(text) as string).slice(0, 5_000));

const lines = fc.oneof(
  fc
    .constantFrom(
      'Authorization Violation',
      'User Authentication Expired',
      'Authentication Timeout',
      'Unknown Protocol Operation',
      'Maximum Connections Exceeded',
      'Permissions Violation for Publish to "x"',
      `bad user ${SECRETS.jwt}`,
    )
    .map((text) => `-ERR '${text}'\r\n`),
  words.map((text) => `-ERR ${text}\r\n`),
  words.map((text) => `${text}\r\n`),
  fc.constantFrom(
    '+OK\r\n',
    'PING\r\n',
    'PONG\r\n',
    'MSG a 1 5\r\nhello\r\n',
    'MSG a 1 -5\r\n',
    'HMSG a 1 9 5\r\n',
  ),
);

const says = (text: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
  fc.tuple(text, fc.nat(20)).map(([whole, cut]) => ({
    say: bytes(cut === 0 ? whole.slice(0, -2) : whole),
  }));

const steps: fc.Arbitrary<Step> = fc.oneof(
  says(infos),
  says(lines),
  fc.uint8Array({ minLength: 1, maxLength: 64 }).map((say) => ({ say })),
  fc.constantFrom<Step>({ end: 'reset' }, { end: 'end' }, { echo: 'as it is' }, { echo: 'as -ERR' }),
  fc.constantFrom<Step>({ await: 'CONNECT' }, { await: 'PING' }),
);

/** A server that is right at first and odd then, or odd from its first byte. */
const scripts = fc
  .tuple(fc.nat(3), infos, fc.array(steps, { maxLength: 5 }))
  .map(([good, info, odd]): readonly Step[] =>
    [
      { say: bytes(info) } as const,
      { await: 'CONNECT' } as const,
      { await: 'PING' } as const,
      { say: bytes('PONG\r\n') } as const,
    ]
      .slice(0, good + 1)
      .concat(odd as never[]),
  );

describe.each(DRIVERS)('$label and a hostile server', (tested) => {
  fuzz('connect or fail clearly, and leave nothing', {
    cases: 500,
    of: fc.oneof(
      { weight: 4, arbitrary: scripts },
      { weight: 1, arbitrary: fc.array(steps, { maxLength: 5 }) },
    ),
    check: (script) => meet(tested, script),
    atOnce: 32,
  });
});

async function meet(tested: TestedDriver, script: readonly Step[]): Promise<void> {
  const server = await startHostileServer(script);
  const told: object[] = [];
  const events = new Emitter<NatsAuthEvents>((error) => told.push({ error }));
  for (const name of ['connected', 'disconnected', 'rejected', 'closed', 'lameDuck'] as const)
    events.on(name, (event) => told.push(event));
  const source = new CredentialSource({
    connection: 'fuzz',
    provider: { getUserInfo: () => ({ user: 'svc', pass: SECRETS.password, jwt: SECRETS.jwt }) },
    refresh: refreshSettings(),
    rejection: rejectionSettings({ initialDelay: 1, maxOnConnect: 2 }),
    events,
  });
  const connection = new AuthConnection({
    name: 'fuzz',
    role: 'client',
    driver: tested.driver,
    source,
    events,
    options: optionsFor(server.port),
    rejection: rejectionSettings({ initialDelay: 1, maxOnConnect: 2 }),
  });
  const opened = connection.open().then(
    () => undefined,
    (error: unknown) => error ?? 'nothing',
  );
  const error = await within(opened, 'The first connect');
  if (error !== undefined) expectClear(error);
  await within(connection.close(), 'The close');
  source.close();
  for (const event of told) {
    const { error, ...rest } = event as { error?: unknown };
    if (error !== undefined) expectClear(error);
    expectNoSecret(rest);
  }
  await eventually(() => server.open === 0, { what: 'all sockets closed' });
  await server.stop();
}

const optionsFor = (port: number): ConnectionOptions & { timeout: number } => ({
  servers: `127.0.0.1:${port}`,
  timeout: 200,
  reconnectTimeWait: 5,
  reconnectJitter: 0,
  maxReconnectAttempts: 3,
});
