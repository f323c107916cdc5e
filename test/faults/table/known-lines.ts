/** The kinds of warnings and errors that a fault may make the package, or NestJS, log. */
const KNOWN: readonly RegExp[] = [
  /^START FAILS /,
  /^WARN default\/ROLE: disconnected/,
  /^WARN default\/ROLE: (not connected to|cannot reach)/,
  /^WARN default\/ROLE: HOST:PORT rejected the credentials/,
  /^WARN default\/ROLE: presents stale user info/,
  /^WARN default\/ROLE: The NATS server rejected the credentials/,
  /^WARN default\/ROLE: rotation .* (failed|took)/,
  /^WARN default: refresh .* (failed|fails for)/,
  /^WARN default\/ROLE: cut off N that had/,
  /^WARN default\/ROLE: dropped N messages/,
  /^WARN default\/ROLE: the server ended the connection as expired/,
  /^ERROR default\/ROLE: a subscription was refused/,
  /^ERROR default\/ROLE: closed/,
];

export function isKnownLine(line: string): boolean {
  return KNOWN.some((pattern) => pattern.test(line));
}
