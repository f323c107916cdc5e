import type { HealthCondition, NatsAuthEvents, NatsAuthService } from 'nestjs-nats-auth';
import { expect } from 'vitest';

import { isKnownLine } from '../table/known-lines.js';
import { normalised } from '../table/normalised.js';
import type { Observation, Row } from '../table/row.js';
import { type RowName, ROWS } from '../table/rows.js';
import type { LogListener } from './watch/log-listener.js';

/** After these the health may be another. Listened to, since a problem may be over before anybody looks. */
const TELLING: readonly (keyof NatsAuthEvents)[] = [
  'connected',
  'connectFailed',
  'disconnected',
  'lameDuck',
  'refreshFailed',
  'rejected',
  'reused',
  'rotated',
  'subscriptionRefused',
];

/** What an application tells of a fault: in its log, and of its health. */
export class Observer {
  readonly #problems = new Map<HealthCondition, { state: string; reason: string }>();

  constructor(
    private readonly nats: NatsAuthService,
    private readonly log: LogListener,
  ) {
    for (const event of TELLING) nats.on(event, () => this.look());
  }

  /** Notes what is wrong now, without any patience. */
  look(): void {
    for (const { condition, state, reason } of this.nats.health({ graceTime: 0 }).problems)
      if (!this.#problems.has(condition)) this.#problems.set(condition, { state, reason });
  }

  /** What comes from now on is the fault's. */
  begin(): void {
    this.#problems.clear();
    this.log.lines.clear();
  }

  /** Holds what was told against the row of the fault. */
  tellsOf(row: RowName): Observation {
    const { health, mayBeDown = false }: Row = ROWS[row];
    const seen = [...this.#problems].map(([condition, { reason }]) => normalised(`${condition}: ${reason}`));
    const told = `\nhealth:\n${seen.join('\n')}\n`;
    const lines = loggedFor(row, this.log);
    for (const condition of health)
      expect(this.#problems.has(condition), `${condition} in the health${told}`).toBe(true);
    const down = [...this.#problems]
      .filter(([condition, { state }]) => state === 'down' && !health.includes(condition))
      .map(([condition]) => condition);
    if (!mayBeDown) expect(down, `what the health was down for, and should not have been${told}`).toEqual([]);
    return { row, lines, problems: seen };
  }
}

/** What was logged, when it leads to the cause and has nothing beside it that nobody expects. */
export function loggedFor(row: RowName, { lines: heard }: LogListener): string[] {
  const { tells }: Row = ROWS[row];
  const lines = [...heard];
  const loud = lines.filter((line) => !line.startsWith('LOG '));
  const told = `\nlogged:\n${lines.join('\n')}\n`;
  if (tells.length === 0) expect(loud, 'warnings and errors of what needs none').toEqual([]);
  const missing = tells.filter((words) => !lines.some((line) => words.test(line)));
  expect(missing, `words that the log lacks${told}`).toEqual([]);
  expect(
    loud.filter((line) => !isKnownLine(line)),
    'lines that nobody expects',
  ).toEqual([]);
  return lines;
}
