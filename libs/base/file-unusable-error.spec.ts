import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { fileSystemError } from './file-unusable-error.js';

describe('the error for a file that cannot be read', () => {
  it('keeps its path and its cause', () => {
    const cause = Object.assign(new Error(`no such file, open '/run/token'`), { code: 'ENOENT' });
    expect(fileSystemError('/run/token', cause)).toMatchObject({ path: '/run/token', cause });
  });

  it('shows nothing of a token that was given in the place of its path', () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';
    const cause = Object.assign(new Error(`no such file, open '${token}'`), { code: 'ENOENT', path: token });
    const shown = inspect(fileSystemError(token, cause), { depth: Infinity, showHidden: true });
    expect(shown).toContain(`File '[redacted]' does not exist`);
    expect(shown).not.toContain(token);
  });
});
