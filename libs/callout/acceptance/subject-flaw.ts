import { describeValue, quoted, unsetHint } from '../../base/index.js';

/** Tokens between dots; a wildcard is a token of its own, and `>` the last one. */
const SUBJECT = /^(?:>|(?:\*|[^\s\p{Cc}.*>]+)(?:\.(?:\*|[^\s\p{Cc}.*>]+))*(?:\.>)?)$/u;
const TEMPLATE = '{{';

/** What is wrong with a subject of a permission, or with the name of a queue group; `undefined` where nothing is. */
export function flawOfSubject(subject: unknown): string | undefined {
  if (typeof subject !== 'string' || subject === '')
    return `expected a subject, got ${describeValue(subject)}${unsetHint(subject)}`;
  if (subject.includes(TEMPLATE))
    return `${quoted(subject)} has a template, which servers expand in those of scoped signing keys only`;
  if (SUBJECT.test(subject)) return undefined;
  if (/[\s\p{Cc}]/u.test(subject))
    return `${quoted(subject)} has white space; a queue group is given as { subject, queue }`;
  if (subject.split('.').includes('')) return `${quoted(subject)} has an empty token`;
  return `${quoted(subject)}: a wildcard is a token of its own, and '>' the last one`;
}
