/** Which nats-server is wanted. */
export type NatsServerRelease = 'oldest' | 'default' | 'newest';

/** The Debian suite that carries each release. */
export const DEBIAN_SUITES: Readonly<Record<NatsServerRelease, string>> = {
  oldest: 'bookworm', // 2.9: before auth callout
  default: 'trixie', // 2.10
  newest: 'sid',
};

/** What a `nats-server` found on the machine must be at least: the first version with auth callout. */
export const MINIMUM_VERSION = '2.10.0';

/** Whether version `a` is `b` or newer. */
export function atLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map((part) => Number.parseInt(part, 10)));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
