import { deepStrictEqual, match, ok } from 'node:assert';

import { Logger, type LoggerService } from '@nestjs/common';
import { NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';

import { type Lane, userWith } from '../app.js';

interface Line {
  readonly level: string;
  readonly context: string;
  readonly message: { readonly msg: string; readonly event: string; readonly attempt?: number };
}

/** Rejections that go on are a few lines of ours, with fields, and none of this major's own transport. */
export async function logLines({ service, server }: Lane): Promise<void> {
  let rejected = 0;
  service.get(NatsAuthService).on('rejected', () => rejected++);
  const lines = await written(async () => {
    await server.reload(userWith('unknown'));
    await eventually(() => rejected >= 3, { what: 'the service to be rejected' });
  });
  const ofService = lines.filter(({ level }) => level !== 'debug' && level !== 'verbose');
  deepStrictEqual(
    ofService.filter(({ context }) => context !== 'NatsAuth'),
    [],
  );
  const [first] = ofService.filter(({ message }) => message.event === 'rejected');
  ok(first, 'there is a line of the rejection');
  match(first.message.msg, /^default\/server: .*rejected the credentials of svc: 'Authorization Violation'/);
  ok(
    ofService.filter(({ message }) => message.event === 'rejected').length <= 2,
    'the server and its peer have a line each',
  );
}

/** What the application's logger is given meanwhile, as its JSON has it. */
async function written(work: () => Promise<void>): Promise<Line[]> {
  const lines: Line[] = [];
  const note = (level: string) => (message: unknown, context: string) =>
    void lines.push({ level, context, message: JSON.parse(JSON.stringify(message)) as Line['message'] });
  const levels = ['debug', 'verbose', 'log', 'warn', 'error', 'fatal'] as const;
  Logger.overrideLogger(
    Object.fromEntries(levels.map((level) => [level, note(level)])) as unknown as LoggerService,
  );
  try {
    await work();
  } finally {
    Logger.overrideLogger(false);
  }
  return lines;
}
