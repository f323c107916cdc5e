import type { QueueSubject, ResponseRules, SubjectRules, UserPermissions } from '../admission.js';

type Entry = string | QueueSubject;

/**
 * Permissions that allow what any of these allows. What one of them denies stays denied. One that does not say what may be published, or
 * subscribed, adds nothing to that.
 * @public
 */
export function mergePermissions(...all: readonly UserPermissions[]): UserPermissions {
  const publish = mergedRules(all.flatMap((one) => one.publish ?? []));
  const subscribe = mergedRules(all.flatMap((one) => one.subscribe ?? []));
  const responses = mergedResponses(all.flatMap((one) => rulesOf(one.responses)));
  return { ...(publish && { publish }), ...(subscribe && { subscribe }), ...(responses && { responses }) };
}

function mergedRules<E extends Entry>(rules: readonly SubjectRules<E>[]): SubjectRules<E> | undefined {
  if (rules.length === 0) return undefined;
  const allow = rules.some((one) => one.allow)
    ? distinct(rules.flatMap((one) => one.allow ?? []))
    : undefined;
  const deny = distinct(rules.flatMap((one) => one.deny ?? []));
  return { ...(allow && { allow }), ...(deny.length > 0 && { deny }) };
}

/** To a server, groups of a subject limit that subject, so that they must not stand beside the subject without any. */
function distinct<E extends Entry>(entries: readonly E[]): E[] {
  const plain = entries.filter((entry): entry is E & string => typeof entry === 'string');
  const isKnown = (entry: Entry) =>
    typeof entry !== 'string' && plain.some((one) => covers(one, entry.subject));
  const byText = new Map(entries.map((entry) => [JSON.stringify(entry), entry]));
  return [...byText.values()].filter((entry) => !isKnown(entry));
}

/** Whether a subject with wildcards stands for all that another one does. */
function covers(wide: string, narrow: string): boolean {
  const [some, all] = [wide.split('.'), narrow.split('.')];
  for (const [i, token] of some.entries()) {
    const other = all[i];
    if (other === undefined) return false;
    if (token === '>') return true;
    if (token === '*' ? other === '>' : token !== other) return false;
  }
  return some.length === all.length;
}

function rulesOf(responses: UserPermissions['responses']): ResponseRules[] {
  if (responses === undefined || responses === false) return [];
  return [responses === true ? {} : responses];
}

function mergedResponses(rules: readonly ResponseRules[]): ResponseRules | undefined {
  if (rules.length === 0) return undefined;
  const ttl = Math.max(...rules.map((one) => one.ttl ?? Infinity));
  return { max: Math.max(...rules.map((one) => one.max ?? 1)), ...(ttl < Infinity && { ttl }) };
}
