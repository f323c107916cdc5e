import type { ResolvedUserInfo, UserInfoSummary } from '../credentials/index.js';
import type { ServerIdentity } from './dialling/server-identity.js';
import type { ReplaceTrigger } from './events.js';

/** What has accepted the connection, and what it has accepted. */
export interface Accepted {
  /** Tells it from what is accepted by another dial, be it of the same server. */
  readonly dial: symbol;
  /** `host:port`: others may share it. */
  readonly server: string;
  /** The server of the pool by whose name that address was found. */
  readonly foundBy: string;
  readonly identity: ServerIdentity;
  readonly userInfo: ResolvedUserInfo;
  /** The server has announced that it will end its connections. */
  readonly lameDuck: boolean;
}

/** What is still known of that when the connection is gone: no secret. */
export interface Served extends Omit<Accepted, 'userInfo' | 'dial'> {
  readonly userInfo: UserInfoSummary;
}

/** How a dial goes: a server has accepted it, and the session is getting ready, or none has yet. */
export type Dial = { readonly step: 'dialling' } | { readonly step: 'accepted'; readonly accepted: Accepted };

/** Settles for who has asked to reconnect. */
export interface Reconnecting {
  readonly connected: () => void;
  readonly failed: (error: Error) => void;
}

/** The link of a connection to its server; docs/how-it-works.md draws it. */
export type Link =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting'; readonly dial: Dial }
  | { readonly state: 'connected'; readonly accepted: Accepted }
  | {
      readonly state: 'disconnected';
      /** `resting`: it is about to be dropped, and the work under way comes to an end. */
      readonly dial: Dial | { readonly step: 'resting' };
      readonly served: Served;
      /** Why other user info takes the place of what it used. */
      readonly cause?: ReplaceTrigger;
      readonly reconnecting?: Reconnecting;
    }
  | { readonly state: 'closed'; readonly served?: Served };

/** Where a connection is in its life. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'disconnected' | 'closed';

/** What happens to a link. */
export type LinkEvent =
  | { readonly type: 'opened' }
  /** A server has accepted `CONNECT`; `cause`: why other user info was needed than before. */
  | { readonly type: 'accepted'; readonly accepted: Accepted; readonly cause?: ReplaceTrigger }
  /** The session has what it needs on that server. */
  | { readonly type: 'ready' }
  | { readonly type: 'lameDuck' }
  /** It is going to be dropped and dialled again, for other user info. */
  | { readonly type: 'reconnect'; readonly cause: ReplaceTrigger; readonly reconnecting: Reconnecting }
  | { readonly type: 'lost' }
  | { readonly type: 'closed' };

const DIALLING: Dial = { step: 'dialling' };

/** The link after an event; the same one when the event means nothing to it. */
export function nextLink(link: Link, event: LinkEvent): Link {
  // It is the last: what comes late changes nothing.
  if (link.state === 'closed') return link;
  switch (event.type) {
    case 'opened':
      return link.state === 'idle' ? { state: 'connecting', dial: DIALLING } : link;
    case 'accepted':
      return accepted(link, event.accepted, event.cause);
    case 'ready': {
      const dialled = acceptedOf(link);
      return dialled ? { state: 'connected', accepted: dialled } : link;
    }
    case 'lameDuck':
      return inLameDuck(link);
    case 'reconnect': {
      if (link.state !== 'connected') return link;
      const { cause, reconnecting } = event;
      const served = servedOf(link.accepted);
      return { state: 'disconnected', dial: { step: 'resting' }, served, cause, reconnecting };
    }
    case 'lost':
      if (link.state === 'connected')
        return { state: 'disconnected', dial: DIALLING, served: servedOf(link.accepted) };
      return link.state === 'idle' ? link : { ...link, dial: DIALLING };
    case 'closed':
      return { state: 'closed', served: lastServed(link) };
  }
}

/** What it uses, or has used last; `undefined` before it was connected for the first time. */
export function lastServed(link: Link): Served | undefined {
  if (link.state === 'connected') return servedOf(link.accepted);
  return link.state === 'disconnected' || link.state === 'closed' ? link.served : undefined;
}

/** What a server has accepted, while the session is getting ready on it or when it is. */
export function acceptedOf(link: Link): Accepted | undefined {
  if (link.state === 'connected') return link.accepted;
  if (link.state !== 'connecting' && link.state !== 'disconnected') return undefined;
  return link.dial.step === 'accepted' ? link.dial.accepted : undefined;
}

function accepted(link: Link, accepted: Accepted, cause?: ReplaceTrigger): Link {
  const dial: Dial = { step: 'accepted', accepted };
  if (link.state === 'connecting') return { ...link, dial };
  // A cause stays, however often the connection is lost before it is ready.
  return link.state === 'disconnected' ? { ...link, dial, cause: cause ?? link.cause } : link;
}

function inLameDuck(link: Link): Link {
  const accepted = acceptedOf(link);
  if (!accepted || link.state === 'idle') return link;
  const leaving = { ...accepted, lameDuck: true };
  if (link.state === 'connected') return { ...link, accepted: leaving };
  return link.state === 'closed' ? link : { ...link, dial: { step: 'accepted', accepted: leaving } };
}

function servedOf({ server, foundBy, identity, lameDuck, userInfo }: Accepted): Served {
  return { server, foundBy, identity, lameDuck, userInfo: userInfo.toJSON() };
}
