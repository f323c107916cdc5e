import { describe, expect, it } from 'vitest';

import { acceptedBy, EVENTS, links, transitions } from './link.fixture.js';
import { acceptedOf, lastServed, type Link, type LinkEvent, nextLink } from './link.js';

const IDLE: Link = { state: 'idle' };
const after = (link: Link, ...events: LinkEvent[]) => events.reduce(nextLink, link);

const opened: LinkEvent = { type: 'opened' };
const accepted = (server: string, rest = {}): LinkEvent => ({
  type: 'accepted',
  accepted: acceptedBy(server, rest),
});
const ready: LinkEvent = { type: 'ready' };
const lost: LinkEvent = { type: 'lost' };
const reconnect: LinkEvent = {
  type: 'reconnect',
  cause: 'expiring',
  reconnecting: { connected: () => {}, failed: () => {} },
};

describe('the link of a connection', () => {
  it('changes as follows, and in no other way', () => {
    expect(transitions().sort()).toEqual([
      'connected --> closed: closed',
      'connected --> disconnected: lost',
      'connected --> disconnected_resting: reconnect',
      'connecting --> closed: closed',
      'connecting --> connecting_accepted: accepted',
      'connecting_accepted --> closed: closed',
      'connecting_accepted --> connected: ready',
      'connecting_accepted --> connecting: lost',
      'disconnected --> closed: closed',
      'disconnected --> disconnected_accepted: accepted',
      'disconnected_accepted --> closed: closed',
      'disconnected_accepted --> connected: ready',
      'disconnected_accepted --> disconnected: lost',
      'disconnected_resting --> closed: closed',
      'disconnected_resting --> disconnected: lost',
      'disconnected_resting --> disconnected_accepted: accepted',
      'idle --> closed: closed',
      'idle --> connecting: opened',
    ]);
  });

  it('ends with the close', () => {
    const closed: Link = { state: 'closed' };
    for (const event of EVENTS) expect(nextLink(closed, event)).toBe(closed);
  });

  it('holds secrets only while a server has accepted them', () => {
    for (const link of links()) {
      const holds = acceptedOf(link) !== undefined;
      expect(holds).toBe(['connected', 'accepted'].includes('dial' in link ? link.dial.step : link.state));
    }
  });

  it('tells what it served last until it serves again', () => {
    const link = after(IDLE, opened, accepted('a'), ready, lost, accepted('b'));
    expect(lastServed(link)?.server).toBe('a');
    expect(lastServed(after(link, ready))?.server).toBe('b');
    expect(lastServed(after(link, { type: 'closed' }))?.server).toBe('a');
  });

  it('knows of a server in lame-duck mode until another accepts it', () => {
    const link = after(IDLE, opened, accepted('a'), { type: 'lameDuck' }, ready);
    expect(lastServed(link)?.lameDuck).toBe(true);
    expect(lastServed(after(link, lost))?.lameDuck).toBe(true);
    expect(lastServed(after(link, lost, accepted('b'), ready))?.lameDuck).toBe(false);
  });

  it('remembers why user info was replaced over losses before it is ready', () => {
    const cause = (link: Link) => link.state === 'disconnected' && link.cause;
    const resting = after(IDLE, opened, accepted('a'), ready, reconnect);
    expect(cause(resting)).toBe('expiring');
    expect(cause(after(resting, lost, accepted('b'), lost, accepted('b')))).toBe('expiring');
    const rejected: LinkEvent = { type: 'accepted', accepted: acceptedBy('b'), cause: 'rejected' };
    expect(cause(after(resting, lost, rejected))).toBe('rejected');
  });
});
