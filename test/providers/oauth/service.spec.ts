import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { ClientCredentialsProvider } from 'nestjs-nats-auth/providers';
import { firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { startService } from '../../integration/nest/app.js';
import { authCalloutConfig, startAuthCallout } from '../../support/auth-callout.js';
import { AUDIENCE, startIdentityProvider } from '../../support/identity-provider/identity-provider.js';
import { serverForTest } from '../../support/server-for-test.js';
import { secretClient } from './clients.js';

@Controller()
class Echo {
  @MessagePattern('echo')
  echo(value: number): number {
    return value;
  }
}

it('a service whose tokens come from an identity provider rotates ahead of their expiry and loses nothing', async () => {
  const client = secretClient('client_secret_basic');
  const idp = await startIdentityProvider({ clients: [client.metadata], lifetimeSeconds: 10 });
  onTestFinished(() => idp.close());
  const server = await serverForTest({ config: authCalloutConfig() });
  const jwks = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`), { cooldownDuration: 0 });
  const callout = await startAuthCallout(server, {
    decide: async ({ connect_opts: { auth_token = '' } }) => {
      const { payload } = await jwtVerify(auth_token, jwks, { issuer: idp.issuer, audience: AUDIENCE });
      const { client_id, exp = 0 } = payload;
      return { allow: { account: 'APP', name: String(client_id), expiresAt: exp * 1_000 } };
    },
  });
  onTestFinished(() => callout.stop());

  const userInfoProvider = new ClientCredentialsProvider({
    issuer: idp.issuer,
    clientId: 'client_secret_basic',
    authentication: client.authentication,
    allowHttp: true,
  });
  const app = await startService(
    {
      connection: { servers: server.url },
      userInfoProvider,
      // Early, so that a slow machine does not let a token expire.
      refresh: { retry: { initialDelay: 20 }, ahead: { fraction: 0.3, jitter: 0 } },
    },
    { controllers: [Echo] },
  );
  const nats = app.get(NatsAuthService);
  const rotations: string[] = [];
  const statuses: unknown[] = [];
  nats.on('rotated', ({ outcome }) => rotations.push(outcome));
  nats.on('refreshFailed', ({ error }) => statuses.push((error as { status?: number }).status));

  // With the first refresh ahead, so that it is the second one that meets it, however late a slow machine rotates.
  const stop = nats.on('refreshed', ({ reason }) => {
    if (reason !== 'expiring') return;
    stop();
    idp.disturb('/token', 2, (_, response) => {
      response.writeHead(503).end();
      return true;
    });
  });

  let keys: Promise<void> | undefined;
  // Each role twice: with tokens signed by the first key, and with tokens signed by another.
  for (let request = 0; rotations.length < 4; request++) {
    expect(await firstValueFrom(app.get(NatsAuthClient).send<number>('echo', request))).toBe(request);
    if (rotations.length >= 2) await (keys ??= idp.rotateKeys());
  }
  expect(rotations).toEqual(['success', 'success', 'success', 'success']);
  expect(statuses).toEqual([503, 503]);
});
