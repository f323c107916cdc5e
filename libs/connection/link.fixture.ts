import { type Machine, reachable, transitionsOf } from '../base/transitions.fixture.js';
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

export function nameOf(link: Link): string {
  const step = 'dial' in link && link.dial.step !== 'dialling' ? `_${link.dial.step}` : '';
  return link.state + step;
}

const machine: Machine<Link, LinkEvent> = {
  start: { state: 'idle' },
  events: EVENTS,
  next: nextLink,
  nameOf,
};

/** Every state that a link can reach through the events above. */
export const links = () => reachable(machine);

export const transitions = () => transitionsOf(machine);
