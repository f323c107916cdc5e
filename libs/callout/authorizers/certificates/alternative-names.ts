const KINDS = ['URI', 'DNS', 'email'] as const;
type Kind = (typeof KINDS)[number];

/** Node.js puts a name with special characters in quotes, so that none can pass for two. */
const NAME = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;

/**
 * The names in `subjectAltName` of a certificate, as Node.js writes it.
 * @throws {Error} it is not as Node.js writes it.
 */
export function alternativeNames(text: string): Readonly<Record<Kind, readonly string[]>> {
  const names: Record<Kind, string[]> = { URI: [], DNS: [], email: [] };
  let read = 0;
  for (const [whole, kind, name = ''] of text.matchAll(NAME)) {
    read += whole.length;
    const known = KINDS.find((one) => one === kind);
    if (known) names[known].push(name.startsWith('"') ? (JSON.parse(name) as string) : name);
  }
  if (read !== text.length) throw new Error('The alternative names of the certificate cannot be told apart.');
  return names;
}
