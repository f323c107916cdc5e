import { isNativeError } from 'node:util/types';

import { ConsoleLogger } from '@nestjs/common';
import type { NatsAuthEvents, NatsAuthService } from 'nestjs-nats-auth';
import { expect, vi } from 'vitest';

import { EVENT_NAMES } from '../../support/event-names.js';
import { print } from './print.js';
import type { Secrets } from './secrets.js';

type EventName = keyof NatsAuthEvents;

/** Where something was told, and what. */
interface Heard {
  readonly where: string;
  readonly text: string;
}

/** Hears everything that an application with this package tells. */
export class Ears {
  readonly #heard: Heard[] = [];
  readonly #events = new Map<EventName, number>();
  readonly #ownWords = new Set<Error>();
  readonly #deafen: (() => void)[] = [];
  readonly logger = new ListeningLogger((level, values) => this.hear(`log (${level})`, ...values));

  constructor() {
    for (const stream of ['stdout', 'stderr'] as const) {
      const written = vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
        this.#heard.push({ where: stream, text: String(chunk) });
        return true;
      });
      this.#deafen.push(() => written.mockRestore());
    }
    this.#on('warning', 'process warning');
    this.#on('unhandledRejection', 'unhandled rejection');
  }

  /** Hears all events of a registration. */
  listenTo(nats: NatsAuthService): void {
    for (const name of EVENT_NAMES) {
      nats.on(name, (event: NatsAuthEvents[typeof name]) => {
        this.#events.set(name, this.times(name) + 1);
        this.hear(`event ${name}`, event);
      });
    }
  }

  /** The events that were not told. */
  get unheard(): EventName[] {
    return EVENT_NAMES.filter((name) => this.times(name) === 0);
  }

  /** How often an event was told. */
  times(name: EventName): number {
    return this.#events.get(name) ?? 0;
  }

  /** Hears values in every way in which they could end in a log. */
  hear(where: string, ...values: unknown[]): void {
    const restore = [...this.#ownWords].map(silence);
    try {
      for (const value of values) this.#heard.push({ where, text: print(value) });
    } finally {
      for (const speak of restore) speak();
    }
  }

  /** Hears a text as it is. */
  read(where: string, text: string): void {
    this.#heard.push({ where, text });
  }

  /**
   * An error of the application's own provider goes through as it is, as `cause` and in the event (SECURITY.md, "Words
   * of others"): its own text is not searched, all that is made of it is.
   */
  exempt<E extends Error>(error: E): E {
    this.#ownWords.add(error);
    return error;
  }

  /** Everything that was heard at one place. */
  at(where: string): string {
    return this.#heard
      .filter((heard) => heard.where.startsWith(where))
      .map(({ text }) => text)
      .join('\n');
  }

  /** What was told of these secrets. */
  leaks(secrets: Secrets): string[] {
    return this.#heard.flatMap(({ where, text }) => secrets.in(text).map((leak) => `${where}: ${leak}`));
  }

  /** Fails for each place that told a secret, and for each of these `places` at which nothing was heard. */
  expectNo(secrets: Secrets, ...places: readonly [string, ...string[]]): void {
    expect([...new Set(this.leaks(secrets))].slice(0, 10), 'secrets that were told').toEqual([]);
    expect(
      places.filter((place) => this.at(place) === ''),
      'ears that heard nothing',
    ).toEqual([]);
  }

  close(): void {
    for (const deafen of this.#deafen.splice(0)) deafen();
  }

  #on(event: string, where: string): void {
    const listener = (value: unknown) => this.hear(where, value);
    process.on(event, listener);
    this.#deafen.push(() => process.off(event, listener));
  }
}

/** NestJS's own logger at every level; what it is given is heard before it makes lines of it. */
class ListeningLogger extends ConsoleLogger {
  constructor(hear: (level: string, values: unknown[]) => void) {
    const levels = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;
    super({ logLevels: [...levels], colors: false });
    for (const level of levels) {
      const say = this[level].bind(this) as (...values: unknown[]) => void;
      this[level] = (...values: unknown[]) => {
        hear(level, values);
        say(...values);
      };
    }
  }
}

/** Takes the words out of an error; the returned function puts them back. */
function silence(error: Error): () => void {
  const { message, stack } = error;
  Object.assign(error, { message: '(its own words)', stack: '(its own words)' });
  if (!isNativeError(error)) throw new Error('Only errors have words of their own.');
  return () => Object.assign(error, { message, stack });
}
