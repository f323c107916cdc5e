import type { OpenConnection } from './open-connection.js';
import type { Session } from './session.js';

/** The life of the connection of a role, which may be several connections one after the other. */
export type Life<NC, S extends Session> =
  | { readonly phase: 'idle' }
  | { readonly phase: 'opening'; readonly opened: Promise<NC> }
  | { readonly phase: 'serving'; readonly opened: Promise<NC>; readonly current: OpenConnection<NC, S> }
  /** Nothing new begins, and what is under way comes to an end. */
  | ({ readonly phase: 'draining'; readonly drained: Promise<void> } & Left<NC, S>)
  | ({ readonly phase: 'closed'; readonly closed: Promise<void> } & Left<NC, S>);

/** What is left of a life that ends. */
interface Left<NC, S extends Session> {
  readonly opened?: Promise<NC>;
  readonly current?: OpenConnection<NC, S>;
}

/** What happens in that life. */
export type LifeEvent<NC, S extends Session> =
  | { readonly type: 'open'; readonly opened: Promise<NC> }
  /** Another connection is the one in use from now on, or the first one is. */
  | { readonly type: 'current'; readonly current: OpenConnection<NC, S> }
  | { readonly type: 'drain'; readonly drained: Promise<void> }
  | { readonly type: 'close'; readonly closed: Promise<void> };

/** The life after an event; the same one when the event comes too late to mean anything. */
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

/** Whether nothing new is to begin. */
export function isEnding<NC, S extends Session>({ phase }: Life<NC, S>): boolean {
  return phase === 'draining' || phase === 'closed';
}

/** The connection in use, or that was in use when it ended. */
export function currentOf<NC, S extends Session>(life: Life<NC, S>): OpenConnection<NC, S> | undefined {
  return life.phase === 'idle' || life.phase === 'opening' ? undefined : life.current;
}

/** The opening of the first connection. */
export function openingOf<NC, S extends Session>(life: Life<NC, S>): Promise<NC> | undefined {
  return life.phase === 'idle' ? undefined : life.opened;
}

function left<NC, S extends Session>(life: Life<NC, S>): Left<NC, S> {
  return { opened: openingOf(life), current: currentOf(life) };
}
