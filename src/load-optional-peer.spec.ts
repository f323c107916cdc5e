import { expect, it } from 'vitest';

import { loadOptionalPeer } from './load-optional-peer.js';

it('names the feature and the command that installs what it needs', () => {
  expect(() => loadOptionalPeer('no-such-package', 'This')).toThrow(
    expect.objectContaining({
      code: 'PACKAGE_MISSING',
      message: "This needs the package 'no-such-package': run `npm install no-such-package`.",
    }),
  );
});
