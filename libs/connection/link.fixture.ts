import { ResolvedUserInfo } from '../credentials/index.js';
import { type Accepted, type Link, type LinkEvent, nextLink } from './link.js';

export function acceptedBy(server: string, rest: Partial<Accepted> = {}): Accepted {
  const userInfo = new ResolvedUserInfo({ token: `for ${server}` }, 0);
  return {
    dial: Symbol(),
    server,
    foundBy: server,
    identity: { serverId: server },
    userInfo,
    lameDuck: false,
    ...rest,
  };
}

const reconnecting = { connected: () => {}, failed: () => {} };

/** One of each kind. */
export const EVENTS: readonly LinkEvent[] = [
  { type: 'opened' },
  { type: 'accepted', accepted: acceptedBy('nats-2:4222') },
  { type: 'ready' },
  { type: 'lameDuck' },
  { type: 'reconnect', cause: 'expiring', reconnecting },
  { type: 'lost' },
  { type: 'closed' },
];

/** Every state that a link can reach through the events above. */
export function reachable(): Link[] {
  const found = new Map<string, Link>([['idle', { state: 'idle' }]]);
  for (const link of found.values())
    for (const event of EVENTS) {
      const next = nextLink(link, event);
      if (!found.has(nameOf(next))) found.set(nameOf(next), next);
    }
  return [...found.values()];
}

export function nameOf(link: Link): string {
  const step = 'dial' in link && link.dial.step !== 'dialling' ? `_${link.dial.step}` : '';
  return link.state + step;
}

/** The transitions between different states, with the event that causes each; changes within a state are left out. */
export function transitions(): string[] {
  const all = reachable().flatMap((link) =>
    EVENTS.map((event) => [nameOf(link), nameOf(nextLink(link, event)), event.type] as const),
  );
  return all.filter(([from, to]) => from !== to).map(([from, to, type]) => `${from} --> ${to}: ${type}`);
}
