import { OptionsInvalidError } from 'nestjs-nats-auth';
import { expect } from 'vitest';

import { scrub } from '../../../libs/base/index.js';
import { expectOurs } from './secrets.js';

/**
 * Fails unless it is an error without a secret that names an option, to the program and to the reader: one of these, or
 * one above, below or beside it.
 */
export function expectNamesOption(error: unknown, options: readonly string[]): void {
  expectOurs(error);
  if (!(error instanceof OptionsInvalidError)) throw error;
  expect(error.message).toContain(`'${scrub(error.option)}'`);
  // An unknown option at the top has the name of the type before it.
  const named = error.option.replace(/^NatsAuthOptions\./, '');
  expect(options.filter((option) => areNear(named, option))).not.toEqual([]);
}

/** What an option accepts may depend on one beside it, as a longest delay does on the first one. */
function areNear(one: string, other: string): boolean {
  return (
    isOnPath(one, other) || isOnPath(other, one) || (parentOf(one) !== '' && isOnPath(parentOf(one), other))
  );
}

function isOnPath(option: string, path: string): boolean {
  return path === option || path.startsWith(`${option}.`);
}

function parentOf(option: string): string {
  return option.slice(0, Math.max(0, option.lastIndexOf('.')));
}
