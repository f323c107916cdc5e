import { Emitter, VirtualClock } from '../base/index.js';
import type { Admission } from './admission.js';
import type { AuthorizeContext, Authorizer } from './authorizer.js';
import { Callout } from './callout.js';
import type { CalloutEvents } from './events.js';
import { parseJwt } from './jwt/parse-jwt.js';
import type { CalloutRequest } from './request/callout-request.js';
import { type Change, NOW, settingsOf, type TestMessage, TestServer } from './request/request.fixture.js';
import type { CalloutSettings } from './settings.js';

/** One event, with its name. */
export type Told = {
  readonly [K in keyof CalloutEvents]: { readonly event: K } & CalloutEvents[K];
}[keyof CalloutEvents];

export interface TestAnswer {
  readonly jwt?: string;
  readonly error?: string;
}

export const ADMISSION: Admission = { name: 'alice' };

interface TestOptions {
  readonly authorize?: (request: CalloutRequest, context: AuthorizeContext) => unknown;
  readonly settings?: Partial<CalloutSettings>;
}

/** A callout, its server, and all that it has told. Time stands still. */
export function testCallout({ authorize = () => ADMISSION, settings }: TestOptions = {}) {
  const clock = new VirtualClock(NOW);
  const server = new TestServer(undefined, () => clock.now());
  const told: Told[] = [];
  const events = new Emitter<CalloutEvents>((error) => {
    throw error;
  });
  for (const event of [
    'requested',
    'admitted',
    'refused',
    'failed',
    'discarded',
    'load',
    'administered',
  ] as const)
    events.on(event, (payload) => told.push({ event, ...payload } as Told));
  const authorizer = { authorize } as Authorizer;
  const callout = new Callout({
    connection: 'callout',
    settings: settingsOf(settings),
    authorizer,
    events,
    clock,
  });

  /** @returns what was answered so far. */
  const receive = (message: TestMessage, respond: (answer: Uint8Array) => void = () => {}): Uint8Array[] => {
    const answers: Uint8Array[] = [];
    void callout.receive({
      ...message,
      respond: (answer) => {
        answers.push(answer);
        respond(answer);
      },
    });
    return answers;
  };

  return {
    ...{ callout, clock, server, told, receive },
    ask: (change?: Change) => receive(server.request(change)),
    /** How requests ended, in order. */
    ends: () => told.filter(({ event }) => ['admitted', 'refused', 'failed', 'discarded'].includes(event)),
    loads: () => told.flatMap((one) => (one.event === 'load' ? [[one.inFlight, one.queued]] : [])),
  };
}

export function read(answer: Uint8Array | undefined): TestAnswer {
  const claims = parseJwt(Buffer.from(answer ?? []).toString())?.claims;
  return claims?.['nats'] ?? {};
}

/** A promise that never ends. */
export const never = () => new Promise<never>(() => {});

/** Ends by hand. */
export function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...functions) => ([resolve, reject] = functions));
  return { promise, resolve, reject };
}
