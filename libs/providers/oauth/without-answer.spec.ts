import { inspect } from 'node:util';

import { processGenericTokenEndpointResponse } from 'oauth4webapi';
import { expect, it } from 'vitest';

import { withoutAnswer } from './without-answer.js';

const server = { issuer: 'https://id.example.com' };

it('an error of the OAuth library shows nothing of the answer that it is about', async () => {
  const body = JSON.stringify({ access_token: 'token-MARKED' });
  const answer = new Response(body, { headers: { 'content-type': 'application/json' } });
  const process = processGenericTokenEndpointResponse(server, { client_id: 'orders' }, answer);
  const error: unknown = await process.catch((thrown: unknown) => thrown);
  // A release of the library that attaches nothing makes this file superfluous.
  expect(inspect(error, { depth: Infinity })).toContain('MARKED');
  const shown = withoutAnswer(error);
  expect(inspect(shown, { depth: Infinity, showHidden: true })).not.toContain('MARKED');
  expect(shown).toMatchObject({ name: 'OperationProcessingError', code: 'OAUTH_INVALID_RESPONSE' });
  expect(shown.message).toContain('token_type');
});

it('an error of the application stays as it is', () => {
  const own = new Error('vault: sealed');
  expect(withoutAnswer(own)).toBe(own);
});
