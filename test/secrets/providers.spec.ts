import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';
import { ClientCredentialsProvider, PasswordFilesProvider } from 'nestjs-nats-auth/providers';
import { beforeAll, describe, expect, it } from 'vitest';

import { TestFolder } from '../../libs/providers/files/files.fixture.js';
import { SECRET, secretClient } from '../providers/oauth/clients.js';
import {
  type IdentityProvider,
  startIdentityProvider,
} from '../support/identity-provider/identity-provider.js';
import { Application } from './harness/application.js';
import { secretsIn } from './harness/search.js';
import { STAGES } from './harness/stages.js';

const WRONG_SECRET = 'marked-and-wrong-52d1';

/** An identity provider that says back all that it was told. */
const echo = (request: IncomingMessage, response: ServerResponse): boolean => {
  const { authorization = '' } = request.headers;
  void text(request).then((body) => {
    const description = `${authorization} ${Buffer.from(authorization.slice(6), 'base64').toString()} ${body}`;
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'invalid_client', error_description: description }));
  });
  return true;
};

describe('ClientCredentialsProvider', () => {
  let idp: IdentityProvider;
  beforeAll(async () => {
    idp = await startIdentityProvider({ clients: [secretClient('client_secret_basic').metadata] });
    return () => idp.close();
  });

  const provider = (secret = SECRET) =>
    new ClientCredentialsProvider({
      issuer: idp.issuer,
      clientId: 'client_secret_basic',
      authentication: { method: 'client_secret_basic', secret },
      allowHttp: true,
    });

  it('shows neither its secret nor a token that NATS rejects', async () => {
    await tellsNothing(provider(), [SECRET], 'REJECTED');
  });

  it('shows no secret that the identity provider refuses', async () => {
    await tellsNothing(provider(WRONG_SECRET), [WRONG_SECRET], 'USER_INFO_UNAVAILABLE');
  });

  it('shows no secret that the identity provider says back', async () => {
    idp.disturb('/token', 5, echo);
    await tellsNothing(provider(), [SECRET], 'USER_INFO_UNAVAILABLE');
  });
});

describe('PasswordFilesProvider', () => {
  it('shows no password that NATS rejects', async () => {
    const folder = await TestFolder.make();
    const password = 'marked-in-a-file-77';
    const [user, pass] = [await folder.write('user', 'svc'), await folder.write('password', password)];
    await tellsNothing(new PasswordFilesProvider({ userPath: user, passPath: pass }), [password], 'REJECTED');
  });
});

/** Starts an application whose first connect fails so, and searches what it tells. */
async function tellsNothing(provider: UserInfoProvider, secrets: string[], code: string): Promise<void> {
  const app = new Application(await STAGES.password());
  app.provide = async (request) => {
    const userInfo: UserInfo = await provider.getUserInfo(request);
    // The signature is what makes a token worth something.
    for (const secret of [userInfo.token, userInfo.pass])
      if (secret !== undefined) secrets.push(secret.split('.').at(-1) ?? '');
    return userInfo;
  };
  await expect(app.start()).rejects.toMatchObject({ code });
  app.ears.hear(provider, JSON.stringify(provider));
  await app.look();
  expect(secretsIn(app.ears.everything, secrets)).toEqual([]);
}
