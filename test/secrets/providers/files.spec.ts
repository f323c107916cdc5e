import {
  CredsFileProvider,
  NkeySeedFileProvider,
  PasswordFilesProvider,
  TokenFileProvider,
} from 'nestjs-nats-auth/providers';
import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it } from 'vitest';

import { TestFolder } from '../../../libs/providers/files/files.fixture.js';
import { Scene, type SceneOptions } from '../harness/scene.js';
import { CREDS, type Kind, NKEY_SEED, PASSWORD, TOKEN } from '../places/index.js';

const quick = { settle: 20, pollInterval: 50, permissions: 'warn' } as const;

/** A kind of user info in files, and the provider that reads them. */
interface InFiles {
  readonly kind: Kind;
  readonly provider: (folder: TestFolder) => UserInfoProvider;
  readonly contents: (userInfo: UserInfo) => Record<string, string>;
}

const IN_FILES: readonly InFiles[] = [
  {
    kind: CREDS,
    provider: (folder) => new CredsFileProvider({ path: folder.file('creds'), ...quick }),
    contents: ({ creds }) => ({ creds: String(creds) }),
  },
  {
    kind: NKEY_SEED,
    provider: (folder) => new NkeySeedFileProvider({ path: folder.file('seed'), ...quick }),
    contents: ({ seed }) => ({ seed: String(seed) }),
  },
  {
    kind: TOKEN,
    provider: (folder) => new TokenFileProvider({ path: folder.file('token'), ...quick }),
    contents: ({ token }) => ({ token: String(token) }),
  },
  {
    kind: PASSWORD,
    provider: (folder) =>
      new PasswordFilesProvider({ userPath: folder.file('user'), passPath: folder.file('pass'), ...quick }),
    contents: ({ user, pass }) => ({ user: String(user), pass: String(pass) }),
  },
];

describe.each(IN_FILES.map((inFiles) => ({ name: `${inFiles.kind.kind} in files`, ...inFiles })))(
  '$name',
  ({ kind, provider: providerOf, contents }) => {
    const stage = async () => {
      const [scene, folder] = [await Scene.of(kind), await TestFolder.make()];
      const write = async (userInfo: UserInfo, change = (text: string) => text) => {
        for (const [name, text] of Object.entries(contents(userInfo)))
          await folder.write(name, change(text), { mode: 0o644 });
      };
      const provider = providerOf(folder);
      const options: SceneOptions = { userInfoProvider: provider };
      return { scene, write, provider, options };
    };

    it('read, replaced, replaced by rubbish, and rejected', async () => {
      const { scene, write, provider, options } = await stage();
      await write(await scene.place.issue());
      await scene.start(options);
      await write(await scene.place.issue());
      await scene.until('rotated', 2);
      await write(await scene.place.issue(), (text) => text.slice(0, text.length / 2));
      await scene.failing(() => scene.nats.refresh());
      await write(await scene.place.forge());
      await scene.until('rejected');
      await scene.lookAround();
      await write(await scene.place.issue());
      await eventually(() => !scene.nats.status.lastError, { what: 'the service to be well again' });
      await scene.answered();
      scene.ears.hear('inspection', provider);
      expect(scene.ears.at('process warning')).toContain('0644');
      await scene.end();
    });

    it.each([
      ['half of it', (text: string) => text.slice(0, text.length / 2)],
      ['it in quotes', (text: string) => `"${text}"`],
      ['it twice, on lines', (text: string) => `${text}\n${text}\n`],
      ['it as JSON', (text: string) => JSON.stringify({ secret: text })],
      ['it with a NUL', (text: string) => `${text}\0`],
    ])('holding %s', async (_, change) => {
      const { scene, write, options } = await stage();
      await write(await scene.place.issue(), change);
      const refresh = { retry: { maxAttempts: 1 } };
      await scene.failing(() => scene.listen({ ...options, refresh, rejection: { maxOnConnect: 1 } }));
      await scene.end();
    });
  },
);
