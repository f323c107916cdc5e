import type { ResolvedUserInfo, UserInfoSummary } from '../credentials/index.js';
import type { ServerIdentity } from './dialling/server-identity.js';
import type { ReplaceTrigger } from './events.js';

/** The server that accepted the connection, and the user info that it accepted. */
export interface Accepted {
  /** Distinguishes this dial from every other one, even of the same server. */
  readonly dial: symbol;
  /** `host:port`; several servers may share it. */
  readonly server: string;
  /** The server of the pool whose name led to that address. */
  readonly foundBy: string;
  readonly identity: ServerIdentity;
  readonly userInfo: ResolvedUserInfo;
  /** The server has announced that it will close its connections (lame-duck mode). */
  readonly lameDuck: boolean;
}

/** What is still known once the connection is gone; it holds no secret. */
export interface Served extends Omit<Accepted, 'userInfo' | 'dial'> {
  readonly userInfo: UserInfoSummary;
}

/** The progress of a dial: no server has accepted yet, or one has and the session is getting ready. */
export type Dial = { readonly step: 'dialling' } | { readonly step: 'accepted'; readonly accepted: Accepted };

/** Settles the promise of the caller that asked to reconnect. */
export interface Reconnecting {
  readonly connected: () => void;
  readonly failed: (error: Error) => void;
}

/** The link of a connection to its server; docs/how-it-works.md has the diagram. */
export type Link =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting'; readonly dial: Dial }
  | { readonly state: 'connected'; readonly accepted: Accepted }
  | {
      readonly state: 'disconnected';
      /** `resting`: the socket is about to be dropped, and the work under way is finishing. */
      readonly dial: Dial | { readonly step: 'resting' };
      readonly served: Served;
      /** Why the user info in use is being replaced. */
      readonly cause?: ReplaceTrigger;
      readonly reconnecting?: Reconnecting;
    }
  | { readonly state: 'closed'; readonly served?: Served };

/** The state of a connection. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'disconnected' | 'closed';

/** The events that change a link. */
export type LinkEvent =
  | { readonly type: 'opened' }
  /** A server has accepted `CONNECT`; `cause`: why different user info was needed. */
  | { readonly type: 'accepted'; readonly accepted: Accepted; readonly cause?: ReplaceTrigger }
  /** The session has what it needs on that server. */
  | { readonly type: 'ready' }
  | { readonly type: 'lameDuck' }
  /** It is about to be dropped and dialled again, to present other user info. */
  | { readonly type: 'reconnect'; readonly cause: ReplaceTrigger; readonly reconnecting: Reconnecting }
  | { readonly type: 'lost' }
  | { readonly type: 'closed' };

const DIALLING: Dial = { step: 'dialling' };

/** The link after an event; the same object if the event changes nothing. */
export function nextLink(link: Link, event: LinkEvent): Link {
  // `closed` is final: late events change nothing.
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

/** The server and user info in use, or last used; `undefined` before the first connect. */
export function lastServed(link: Link): Served | undefined {
  if (link.state === 'connected') return servedOf(link.accepted);
  return link.state === 'disconnected' || link.state === 'closed' ? link.served : undefined;
}

/** What a server has accepted, whether the session is still getting ready or already connected. */
export function acceptedOf(link: Link): Accepted | undefined {
  if (link.state === 'connected') return link.accepted;
  if (link.state !== 'connecting' && link.state !== 'disconnected') return undefined;
  return link.dial.step === 'accepted' ? link.dial.accepted : undefined;
}

function accepted(link: Link, accepted: Accepted, cause?: ReplaceTrigger): Link {
  const dial: Dial = { step: 'accepted', accepted };
  if (link.state === 'connecting') return { ...link, dial };
  // The cause is kept, however often the connection is lost before it is ready.
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
