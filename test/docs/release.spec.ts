import { describe, expect, it } from 'vitest';

import { releaseProblems } from '../../tools/release/release-problems.mjs';
import { repositoryOf } from '../../tools/release/repository.mjs';

const repository = { url: 'git+https://github.com/nats-team/nestjs-nats-auth.git' };
const ready = { version: '1.2.3', homepage: 'https://nats-team.github.io/nestjs-nats-auth/', repository };
const changelog = '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-12-01\n';

describe('a version may be released', () => {
  it('when its addresses are real and the changelog has it', () => {
    expect(releaseProblems(ready, changelog, {})).toEqual([]);
  });

  it.each([
    undefined,
    '',
    'git+https://github.com/OWNER/nestjs-nats-auth.git',
    'git+https://github.com/your-org/nestjs-nats-auth.git',
    'git+https://github.com/<owner>/<name>.git',
    'git+https://github.com/example/nestjs-nats-auth.git',
    'git+https://git.example.com/team/name.git',
    'TODO',
  ])('not when its repository is %s', (url) => {
    expect(
      releaseProblems({ ...ready, repository: url === undefined ? undefined : { url } }, changelog, {}),
    ).toEqual([
      expect.stringMatching(/^package.json: 'repository' is missing or a placeholder\. Set it to /),
    ]);
  });

  it.each([
    undefined,
    'https://example.com',
    'http://nats-team.dev',
    'https://<owner>.github.io/name/',
    '#readme',
  ])('not when its homepage is %s', (homepage) => {
    expect(releaseProblems({ ...ready, homepage }, changelog, {})).toEqual([
      expect.stringMatching(/^package.json: 'homepage' is missing or a placeholder\. Set it to /),
    ]);
  });

  it('not when the changelog has no such version, or the tag is another', () => {
    const env = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.4' };
    expect(releaseProblems({ ...ready, version: '1.2.30' }, changelog, env)).toEqual([
      "CHANGELOG.md: there is no section '## [1.2.30] - <date>'. Move what is under Unreleased there.",
      'The tag is v1.2.4, and the version v1.2.30.',
    ]);
  });

  it('not from another repository than it names', () => {
    const env = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'fork/nestjs-nats-auth' };
    expect(releaseProblems(ready, changelog, env)).toHaveLength(1);
  });
});

describe('the repository of a manifest', () => {
  it.each([
    [{ url: 'git+https://github.com/nats-team/name.git' }, 'https://github.com/nats-team/name'],
    [{ url: 'https://gitlab.com/nats-team/name' }, 'https://gitlab.com/nats-team/name'],
    ['https://github.com/nats-team/name', 'https://github.com/nats-team/name'],
    ['nats-team/name', undefined],
    [undefined, undefined],
  ])('of %o is %s', (written, address) => {
    expect(repositoryOf({ ...(written !== undefined && { repository: written }) })).toBe(address);
  });
});
