import { inspect } from 'node:util';
import { Writable } from 'node:stream';

import { ConsoleLogger, type ConsoleLoggerOptions, Logger, type LoggerService } from '@nestjs/common';
import { Logger as NestPino, PinoLogger } from 'nestjs-pino';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { logTo } from './log.js';
import { type LogFields, type LogLevel, LogLine } from './log-line.js';

const TEXT = 'orders/client: cannot reach nats:4222: ECONNREFUSED (attempt 5, 12 s)';
const FIELDS = {
  event: 'connectFailed',
  connection: 'orders',
  role: 'client',
  server: 'nats:4222',
  reason: 'refused',
  code: 'SERVER_UNREACHABLE',
  attempt: 5,
  user: undefined,
} satisfies LogFields;
const { user: _, ...TOLD } = FIELDS;

afterEach(() => {
  Logger.overrideLogger(true);
  vi.restoreAllMocks();
});

/** What the application's logger writes of one line of ours. */
function written(logger: LoggerService, level: LogLevel = 'warn'): string {
  let text = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
  Logger.overrideLogger(logger);
  logTo()(level, TEXT, FIELDS);
  vi.restoreAllMocks();
  return text;
}

describe("NestJS's ConsoleLogger", () => {
  const plain = (options: ConsoleLoggerOptions, level: LogLevel, message: unknown) => {
    const lines: string[] = [];
    class Heard extends ConsoleLogger {
      override formatMessage(...args: Parameters<ConsoleLogger['formatMessage']>): string {
        lines.push(super.formatMessage(...args));
        return '';
      }
    }
    new Heard('NatsAuth', { timestamp: false, ...options })[level](message);
    return lines.join('').replace(/\d+\/\d+\/\d+.*?[AP]M/, '');
  };

  it.each<[LogLevel, boolean]>(
    (['debug', 'log', 'warn', 'error'] as const).flatMap((level) => [
      [level, false],
      [level, true],
    ]),
  )('prints a line of level %s as it prints a text, with colours: %s', (level, colors) => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const ours = plain({ colors }, level, new LogLine(level, TEXT, FIELDS));
    expect(ours).toContain(TEXT);
    expect(ours).toBe(plain({ colors }, level, TEXT));
  });

  it('prints the text and each field as JSON', () => {
    const record = JSON.parse(written(new ConsoleLogger({ json: true }))) as object;
    expect(record).toMatchObject({ level: 'warn', context: 'NatsAuth', message: { msg: TEXT, ...TOLD } });
    expect(Object.keys((record as { message: object }).message)).not.toContain('user');
  });

  it.each<ConsoleLoggerOptions>([{ colors: true }, { compact: false }])(
    'prints each field in a record that is inspected: %j',
    (options) => {
      const record = written(new ConsoleLogger({ json: true, ...options }));
      expect(record).toMatch(/connectFailed/);
      expect(record).toMatch(/attempt: /);
    },
  );
});

describe("nestjs-pino's logger", () => {
  const output: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      output.push(String(chunk));
      done();
    },
  });

  it.each<[LogLevel, number]>([
    ['log', 30],
    ['warn', 40],
    ['error', 50],
  ])('has the text of level %s as msg, and each field beside it', (level, number) => {
    output.length = 0;
    const logger = pino(stream);
    written(new NestPino(new PinoLogger({ pinoHttp: { logger } }), {}), level);
    expect(output.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: number, context: 'NatsAuth', msg: TEXT, ...TOLD },
    ]);
  });
});

it('is its text wherever a text is made of it', () => {
  const line = new LogLine('warn', TEXT, FIELDS);
  expect(String(line)).toBe(TEXT);
  expect(inspect(line)).toBe(TEXT);
  // As nest-winston does it.
  const { message, ...fields } = line;
  expect(message).toBe(TEXT);
  expect(fields).toEqual({ msg: TEXT, ...TOLD });
});
