const PLACEHOLDERS: readonly [RegExp, string][] = [
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/(?:\/[\w.-]+){2,}\.\w+/g, 'FILE'],
  [/\bserver (?:[UNAO][A-Z2-7]{55}|n\d)\b/g, 'server NAME'],
  [/\b[UNAO][A-Z2-7]{55}\b/g, 'ID'],
  [/\b(?:127\.0\.0\.1|localhost|nats\.example):\d+/g, 'HOST:PORT'],
  [/\b\d+(?:\.\d+)? (?:ms|s|min|h|d)\b/g, 'N s'],
  [/\b(attempt|dial) \d+\b/g, '$1 N'],
  [/\brefresh \(\w+\)/g, 'refresh (REASON)'],
  [/ and \d+ in vain\b/g, ''],
  [/\b\d+ (times|more|messages|that had)\b/g, 'N $1'],
  [/\b(?:connect|read|write) (?:ECONNRESET|EPIPE)(?: HOST:PORT)?/g, 'ECONNRESET'],
  // Whether the socket had an error depends on what was under way.
  [/(disconnected from HOST:PORT, server NAME after N s)(?:: ECONNRESET)?$/, '$1 …'],
  // Whether a dial that is hung up on reads the end or a reset does, too.
  [/(cannot reach HOST:PORT: )ECONNRESET\b/, '$1the connection was closed'],
  [/\b(default)\/(?:server|client)\b/g, '$1/ROLE'],
  [/\b([Tt]he) (?:server|client) connection\b/g, '$1 ROLE connection'],
  [/\basked again now\b/g, 'asked again in N s'],
  [/\bhas been (?:disconnected|connecting) for\b/g, 'has been down for'],
];

/** A text without what differs from run to run: ports, times, durations, ids, roles. */
export function normalised(text: string): string {
  return PLACEHOLDERS.reduce((result, [pattern, placeholder]) => result.replace(pattern, placeholder), text);
}
