import { inspect, type InspectOptions } from 'node:util';

/** The levels of NestJS's logger that are used here. */
export type LogLevel = 'debug' | 'log' | 'warn' | 'error';

/** What a line tells in fields, beside its text. None of them holds a secret. */
export interface LogFields {
  /** What happened: the name of the event. */
  readonly event: string;
  /** The registration's name. */
  readonly connection: string;
  readonly [field: string]: string | number | readonly string[] | undefined;
}

/** As NestJS's `ConsoleLogger` colours a text of each level. */
const COLOURS: Readonly<Record<LogLevel, number>> = { debug: 95, log: 32, warn: 33, error: 31 };

/**
 * A line of the log. Loggers that print text print `msg` alone; those that print JSON print each property as a field: `ConsoleLogger` of
 * NestJS below `message`, nestjs-pino beside its own.
 */
export class LogLine {
  /** The text: pino has it under this name. */
  readonly msg: string;
  readonly #level: LogLevel;

  constructor(level: LogLevel, text: string, fields: LogFields) {
    this.#level = level;
    this.msg = text;
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) this.#set(name, value);
  }

  get level(): LogLevel {
    return this.#level;
  }

  /** For winston's loggers, which look for it here. No own property: JSON would have the text twice. */
  get message(): string {
    return this.msg;
  }

  toString(): string {
    return this.msg;
  }

  /** `ConsoleLogger` inspects what is no text: the text by itself, and within a JSON record all fields. */
  [inspect.custom](depth: number | null, options: InspectOptions): unknown {
    if (depth !== options.depth) return Object.assign({}, this);
    return options.colors ? `\u001b[${COLOURS[this.#level]}m${this.msg}\u001b[39m` : this.msg;
  }

  #set(name: string, value: unknown): void {
    Object.defineProperty(this, name, { value, enumerable: true });
  }
}
