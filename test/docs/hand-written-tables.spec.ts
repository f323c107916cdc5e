import { readFile } from 'node:fs/promises';

import * as providers from 'nestjs-nats-auth/providers';
import { describe, expect, it } from 'vitest';

import { CALLOUT_FAILURES, REFUSAL_REASONS, REQUEST_PROBLEMS } from '../../libs/callout/index.js';
import { REJECTION_KINDS } from '../../libs/connection/index.js';

const read = (path: string) => readFile(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

/** The first cells of the rows of all tables. */
const namesIn = (text: string) => [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell);

describe('what is added is documented by hand as well:', () => {
  it.each(REJECTION_KINDS)('what to look at after a rejection of the kind %s', async (kind) => {
    expect(namesIn(await read('troubleshooting.md'))).toContain(`\`${kind}\``);
    const [, runbook = ''] = (await read('metrics.md')).split('### NatsAuthRejectionLoop');
    expect(namesIn(runbook.split('\n### ')[0] ?? '')).toContain(`\`${kind}\``);
  });

  it.each([
    ['NatsAuthCalloutFailing', CALLOUT_FAILURES],
    ['NatsAuthCalloutDiscarding', REQUEST_PROBLEMS],
    // What is refused for want of time is NatsAuthCalloutOverloaded.
    ['NatsAuthCalloutRefusing', REFUSAL_REASONS.filter((reason) => reason !== 'busy')],
  ])('what to look at after %s', async (alert, values: readonly string[]) => {
    const [, runbook = ''] = (await read('metrics.md')).split(`### ${alert}\n`);
    const named = namesIn(runbook.split('\n### ')[0] ?? '').flatMap((cell) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    expect(values.filter((value) => !named.includes(value))).toEqual([]);
  });

  const readyMade = Object.keys(providers).filter(
    (name) => !name.endsWith('Error') && name !== 'FileProvider',
  );

  it.each(readyMade)('the provider %s', async (name) => {
    for (const page of ['providers/README.md', 'guide.md']) expect(await read(page)).toContain(name);
  });
});
