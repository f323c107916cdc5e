import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { SERVER_ERRORS } from '../../libs/connection/dialling/server-error.fixture.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const READER = 'libs/connection/dialling/server-error.ts';

/** Files that look for such words in what somebody else says. */
const OF_OTHERS: Readonly<Record<string, string>> = {
  'libs/connection/dialling/unreachable.ts': 'in errors of Node.js and nats.js that no -ERR led to',
};

/** Whether `matches` tells what a server says from a text of the same shape without its words. */
function knowsWords(matches: (text: string) => boolean): boolean {
  const inAnyCase = SERVER_ERRORS.flatMap(([text]) => {
    const lower = text.toLowerCase();
    const capital = lower.replace(/^[a-z]/, (letter) => letter.toUpperCase());
    const capitals = lower.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
    return [text, lower, capital, capitals, text.toUpperCase()];
  });
  return inAnyCase.some(
    (text) => matches(text) && !matches(text.replace(/[a-z]/g, 'x').replace(/[A-Z]/g, 'X')),
  );
}

const SEARCHES = [
  'includes',
  'startsWith',
  'endsWith',
  'indexOf',
  'lastIndexOf',
  'match',
  'matchAll',
  'search',
  'split',
];

/** What a source file looks for in texts, as far as a server may say it. */
function wordsOfServers(file: string, source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (looksForWords(node)) found.push(node.getText());
    node.forEachChild(visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  return found;
}

function looksForWords(node: ts.Node): boolean {
  if (ts.isRegularExpressionLiteral(node)) {
    const [, pattern = '', flags = ''] = /^\/(.*)\/(\w*)$/s.exec(node.text) ?? [];
    return expressionKnowsWords(pattern, flags);
  }
  if (!ts.isStringLiteralLike(node)) return false;
  const { parent, text } = node;
  const isArgument =
    (ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression !== node;
  const callee =
    isArgument && ts.isPropertyAccessExpression(parent.expression) ? parent.expression.name.text : '';
  if (isArgument && parent.expression.getText() === 'RegExp')
    return parent.arguments?.[0] === node && expressionKnowsWords(text, 'i');
  // A whole text of a server has no business outside of the reader, however it is compared.
  if (SERVER_ERRORS.some(([known]) => known.toLowerCase() === text.toLowerCase())) return true;
  return SEARCHES.includes(callee) && text !== '' && knowsWords((said) => said.includes(text));
}

function expressionKnowsWords(pattern: string, flags: string): boolean {
  const expression = new RegExp(pattern, flags.replace(/[gy]/g, ''));
  return knowsWords((text) => expression.test(text));
}

const sources = ['libs', 'src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.(spec|fixture))\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
);

describe('what a server says', () => {
  it('is read by one file', () => {
    const readers = sources
      .map((file) => [file, wordsOfServers(file, readFileSync(join(root, file), 'utf8'))] as const)
      .filter(([, words]) => words.length > 0);
    expect(Object.fromEntries(readers.filter(([file]) => file !== READER && !(file in OF_OTHERS)))).toEqual(
      {},
    );
    expect(readers.map(([file]) => file)).toEqual(
      expect.arrayContaining([READER, ...Object.keys(OF_OTHERS)]),
    );
  });

  it.each([
    ['/authorization/i.test(text)'],
    ['/^Maximum .* exceeded/.test(text)'],
    ['/stale connection/i.exec(text)'],
    ['/violation for (publish|subscription)/i.exec(text)'],
    ["new RegExp('permissions', 'i').test(text)"],
    ["text.toLowerCase().includes('expired')"],
    ["text.startsWith('Authentication')"],
    ['text.includes(`throttling`)'],
    ["text === 'User Authentication Revoked'"],
  ])('is found to be read by %s', (source) => expect(wordsOfServers('a.ts', source)).toHaveLength(1));

  it.each([
    [String.raw`/^\S{1,128}$/.test(text)`],
    [String.raw`/^[a-z]+(\s[a-z]+)*$/i.test(text)`],
    ["text.split(' ')"],
    ["role === 'connection'"],
    ["new Error('The connection was closed.')"],
  ])('is not read by %s', (source) => expect(wordsOfServers('a.ts', source)).toEqual([]));
});
