import { Logger } from '@nestjs/common';

import { type LogFields, type LogLevel, LogLine } from './log-line.js';

/** Writes one line to the application's logger. */
export type Log = (level: LogLevel, text: string, fields: LogFields) => void;

/** The log of a registration, or of another part under a context of its own. */
export function logTo(logger: Pick<Logger, LogLevel> = new Logger('NatsAuth')): Log {
  return (level, text, fields) => logger[level](new LogLine(level, text, fields));
}
