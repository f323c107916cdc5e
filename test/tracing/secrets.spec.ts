import { randomBytes } from 'node:crypto';

import { NatsRecordBuilder } from '@nestjs/microservices';
import { headers } from '@nats-io/transport-node';
import { eventually } from 'nestjs-nats-auth/testing';
import { type NatsAuthModuleOptions, NatsAuthService, type UserInfo } from 'nestjs-nats-auth';
import { lastValueFrom, timeout } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createNkeyUser, nkeyConfig } from '../support/nkey-mode.js';
import { serverForTest } from '../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../integration/nest/app.js';
import { Handlers } from './harness/handlers.js';
import { recordSpans, spans, spansNamed } from './harness/recorded.js';

recordSpans();

const secret = () => `s3cret-${randomBytes(9).toString('hex')}`;
/** Of the form that a JWT has. */
const jwt = () => `eyJ${secret()}.eyJ${secret()}.${secret()}`;

interface Case {
  readonly config: string;
  readonly userInfo: UserInfo;
  /** A form of it that the server refuses. */
  readonly wrong: UserInfo;
  readonly secrets: readonly string[];
}

const CASES: Readonly<Record<string, () => Case>> = {
  'a password': () => {
    const [pass, wrong] = [secret(), secret()];
    return {
      config: `authorization { users: [ { user: svc, password: "${pass}" } ] }\n`,
      userInfo: { user: 'svc', pass },
      wrong: { user: 'svc', pass: wrong },
      secrets: [pass, wrong],
    };
  },
  'a token': () => {
    const [token, wrong] = [secret(), jwt()];
    return {
      config: `authorization { token: "${token}" }\n`,
      userInfo: { token },
      wrong: { token: wrong },
      secrets: [token, wrong],
    };
  },
  'a seed': () => {
    const [user, other] = [createNkeyUser(), createNkeyUser()];
    return {
      config: nkeyConfig([user]),
      userInfo: { nkey: user.publicKey, seed: user.seed },
      wrong: { nkey: other.publicKey, seed: other.seed },
      secrets: [user.seed, other.seed],
    };
  },
};

/** All that an exporter would send. */
function exported(): string {
  return JSON.stringify(
    spans().map(({ name, attributes, events, links, status, kind }) => ({
      name,
      attributes,
      events,
      links,
      status,
      kind,
    })),
  );
}

describe.each(Object.keys(CASES))('with %s', (kind) => {
  it('no span has a secret or a payload, whatever goes wrong', async () => {
    const { config, userInfo, wrong, secrets } = CASES[kind]?.() ?? expect.fail();
    const quoted = jwt();
    const payload = secret();
    const header = secret();
    const server = await serverForTest({ config });
    let answer = (): UserInfo => userInfo;
    const options: NatsAuthModuleOptions = {
      connection: { servers: server.url, reconnectTimeWait: 20 },
      refresh: { retry: { initialDelay: 1, maxAttempts: 2 } },
      userInfoProvider: { getUserInfo: () => answer() },
      tracing: true,
      metrics: false,
    };
    const service = await startService(options, { controllers: [Handlers] });
    const client = await startClient(options);
    const own = headers();
    own.set('authorization', header);
    await lastValueFrom(client.send('echo', new NatsRecordBuilder(payload).setHeaders(own).build()));
    for (const pattern of ['fail', 'crash', 'nobody'])
      await lastValueFrom(client.send(pattern, payload)).catch(() => {});
    await lastValueFrom(client.send('slow', payload).pipe(timeout(20))).catch(() => {});
    await lastValueFrom(client.emit('told.badly', payload), { defaultValue: undefined });
    await serviceOf(client).rotate();
    answer = () => wrong;
    await serviceOf(client)
      .rotate()
      .catch(() => {});
    answer = () => {
      throw new Error(`the identity provider said no to ${quoted} at https://svc:${header}@idp`);
    };
    await service
      .get(NatsAuthService)
      .rotate()
      .catch(() => {});
    answer = () => userInfo;
    await server.kill();
    await eventually(() => serviceOf(client).status.lastError !== undefined, { what: 'a failed dial' });
    await server.restart();
    await eventually(() =>
      spansNamed('connect default').some(({ attributes }) => attributes['nats_auth.kind'] === 'reconnect'),
    );
    const text = exported();
    expect(text).toContain('the identity provider said no to [redacted]');
    expect(text).toContain('REJECTED');
    for (const hidden of [...secrets, quoted, payload, header]) expect(text).not.toContain(hidden);
  });
});
