import type { OpenConnection } from './open-connection.js';
import type { Session } from './session.js';

/** The life cycle of the connection of a role, which may be several connections one after the other. */
export type Life<NC, S extends Session> =
  | { readonly phase: 'idle' }
  | { readonly phase: 'opening'; readonly opened: Promise<NC> }
  | { readonly phase: 'serving'; readonly opened: Promise<NC>; readonly current: OpenConnection<NC, S> }
  /** Nothing new begins, and the work under way finishes. */
  | ({ readonly phase: 'draining'; readonly drained: Promise<void> } & Left<NC, S>)
  | ({ readonly phase: 'closed'; readonly closed: Promise<void> } & Left<NC, S>);

/** What a life cycle that is ending still holds. */
interface Left<NC, S extends Session> {
  readonly opened?: Promise<NC>;
  readonly current?: OpenConnection<NC, S>;
}

/** The events that change the life cycle. */
export type LifeEvent<NC, S extends Session> =
  | { readonly type: 'open'; readonly opened: Promise<NC> }
  /** The first connection is open, or a successor has taken over. */
  | { readonly type: 'current'; readonly current: OpenConnection<NC, S> }
  | { readonly type: 'drain'; readonly drained: Promise<void> }
  | { readonly type: 'close'; readonly closed: Promise<void> };

/** The life cycle after an event; the same object if the event comes too late to change anything. */
export function nextLife<NC, S extends Session>(life: Life<NC, S>, event: LifeEvent<NC, S>): Life<NC, S> {
  switch (event.type) {
    case 'open':
      return life.phase === 'idle' ? { phase: 'opening', opened: event.opened } : life;
    case 'current':
      return life.phase === 'opening' || life.phase === 'serving'
        ? { phase: 'serving', opened: life.opened, current: event.current }
        : life;
    case 'drain':
      return isEnding(life) ? life : { phase: 'draining', drained: event.drained, ...left(life) };
    case 'close':
      return life.phase === 'closed' ? life : { phase: 'closed', closed: event.closed, ...left(life) };
  }
}

/** Whether it is draining or closed, so that nothing new may begin. */
export function isEnding<NC, S extends Session>({ phase }: Life<NC, S>): boolean {
  return phase === 'draining' || phase === 'closed';
}

/** The connection in use, or the last one in use if it is ending. */
export function currentOf<NC, S extends Session>(life: Life<NC, S>): OpenConnection<NC, S> | undefined {
  return life.phase === 'idle' || life.phase === 'opening' ? undefined : life.current;
}

/** The promise of the first connection. */
export function openingOf<NC, S extends Session>(life: Life<NC, S>): Promise<NC> | undefined {
  return life.phase === 'idle' ? undefined : life.opened;
}

function left<NC, S extends Session>(life: Life<NC, S>): Left<NC, S> {
  return { opened: openingOf(life), current: currentOf(life) };
}
