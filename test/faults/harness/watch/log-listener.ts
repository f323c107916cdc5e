import type { LoggerService } from '@nestjs/common';

import { normalised } from '../../table/normalised.js';

/** The context of the package's own lines. */
const OURS = 'NatsAuth';

/** Hears what an application logs: all of the package, and warnings and errors of everyone else. */
export class LogListener implements LoggerService {
  /** Each once, in the order in which they came, without what differs from run to run. */
  readonly lines = new Set<string>();

  log(message: unknown, ...more: unknown[]): void {
    if (more.at(-1) === OURS) this.#heard('LOG', message, more);
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.#heard('WARN', message, more);
  }

  error(message: unknown, ...more: unknown[]): void {
    this.#heard('ERROR', message, more);
  }

  #heard(level: string, message: unknown, more: readonly unknown[]): void {
    const context = more.at(-1);
    const of = context === OURS ? '' : `[${String(context)}] `;
    this.lines.add(normalised(`${level} ${of}${textOf(message)}`));
  }
}

/** A line with fields is an object with its text in `message` or `msg`. */
function textOf(message: unknown): string {
  if (typeof message !== 'object' || message === null) return String(message);
  if ('message' in message) return String(message.message);
  return 'msg' in message ? String(message.msg) : JSON.stringify(message);
}
