import { inspect } from 'node:util';

import type { LoggerService } from '@nestjs/common';
import { NatsAuthError, type NatsAuthEvents, type NatsAuthService } from 'nestjs-nats-auth';
import { onTestFinished, vi } from 'vitest';

const LEVELS = ['log', 'error', 'warn', 'debug', 'verbose', 'fatal'] as const;

const EVENTS = [
  ...['refreshed', 'refreshFailed', 'reused', 'renewed', 'connected', 'disconnected', 'rejected', 'closed'],
  ...['lameDuck', 'replaced', 'rotated', 'cutOff'],
] as (keyof NatsAuthEvents)[];

/** Hears everything that an application tells, in all the ways that somebody might look at it. */
export class Ears {
  readonly #written: (() => string[])[] = [];
  /** What was logged, by any level. */
  readonly logs: string[] = [];
  /** All else: events, errors, what an inspection shows. */
  readonly rest: string[] = [];
  /** Which events there were. */
  readonly events = new Set<string>();

  readonly logger: LoggerService = Object.fromEntries(
    LEVELS.map((level) => [
      level,
      (...parts: unknown[]) => this.logs.push(parts.map((part) => look(part)).join(' ')),
    ]),
  ) as unknown as LoggerService;

  constructor() {
    for (const stream of [process.stdout, process.stderr]) {
      const write = vi.spyOn(stream, 'write');
      this.#written.push(() => write.mock.calls.map(([text]) => String(text)));
      onTestFinished(() => write.mockRestore());
    }
  }

  /** All that was heard, as one text. */
  get everything(): string {
    return [...this.logs, ...this.rest, ...this.#written.flatMap((written) => written())].join('\n');
  }

  listenTo(service: NatsAuthService): void {
    for (const name of EVENTS)
      service.on(name, (event) => {
        this.events.add(name);
        const { error, ...rest } = event as { error?: Error };
        this.hear(name, rest, JSON.stringify(event));
        if (error) this.hearError(error);
      });
  }

  hear(...told: unknown[]): void {
    for (const part of told) this.rest.push(look(part));
  }

  /** An error of ours with those underneath that are ours, too; the original of somebody else is as it was. */
  hearError(error: unknown): void {
    for (let one = error; one instanceof NatsAuthError; one = one.cause) {
      const own = Object.getOwnPropertyNames(one).filter((name) => name !== 'cause');
      this.hear(String(one), ...own.map((name) => one[name as keyof typeof one]));
    }
  }
}

/** As a log, a debugger or a JSON dump shows it. */
function look(value: unknown): string {
  if (typeof value === 'string') return value;
  return [
    inspect(value, { depth: Infinity }),
    inspect(value, { depth: 8, showHidden: true, getters: true }),
  ].join();
}
