/** A series that a text of PromQL names, with the labels that matter to it there. */
export interface Selector {
  readonly name: string;
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[];
  /** The labels that the aggregations around it keep, and those that its side of an operator is matched on. */
  readonly by: readonly string[];
}

/** Every series of ours that a text names: a query, or a file with queries in it. */
export function selectors(text: string): Selector[] {
  const query = text.replaceAll('\\"', '"');
  const groups = groupings(query);
  return [...query.matchAll(/\bnats_auth_\w+[a-z](\{[^{}]*\})?/g)].map((match) => ({
    name: match[0].split('{')[0] ?? '',
    matchers: [...(match[1] ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*["']([^"']*)["']/g)].map(
      ([, label = '', value = '']) => ({
        label,
        values: value.startsWith('$') ? [] : value.split('|'),
      }),
    ),
    by: groups
      .filter(({ from, to }) => from <= match.index && match.index < to)
      .flatMap(({ labels }) => labels),
  }));
}

/** The labels of the answer: those of the series, without what an aggregation drops. */
export function outputLabels(query: string, labelsOf: (series: string) => string[]): string[] {
  const groups = groupings(query).filter(({ aggregates }) => aggregates);
  const lists = selectors(query).map(({ name }) => labelsOf(name));
  return [...lists, ...groups.map(({ labels }) => labels)].reduce((left, right) =>
    left.filter((label) => right.includes(label)),
  );
}

/** `by (…) (…)`, with where its argument is; `on (…)` concerns all of the query. */
function groupings(query: string) {
  return [...query.matchAll(/\b(by|on) \(([^)]*)\)\s*/g)].map((match) => {
    const aggregates = match[1] === 'by';
    const labels = (match[2] ?? '').split(',').map((label) => label.trim());
    const from = match.index + match[0].length;
    return aggregates
      ? { aggregates, labels, from, to: endOfParentheses(query, from) }
      : { aggregates, labels, from: 0, to: query.length };
  });
}

function endOfParentheses(query: string, from: number): number {
  let depth = 0;
  for (let at = from; at < query.length; at++) {
    if (query[at] === '(') depth++;
    if (query[at] === ')' && --depth === 0) return at;
  }
  return query.length;
}
