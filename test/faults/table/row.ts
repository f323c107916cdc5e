import type { HealthCondition } from 'nestjs-nats-auth';

/** A row of the table in docs/operations.md: one distinct fault, whatever it comes from. */
export interface Row {
  /** What has happened, as a person on call would say it. */
  readonly fault: string;
  /** What the log must say in each case of it: words that lead to the cause. Nothing: no warning and no error is logged. */
  readonly tells: readonly RegExp[];
  /**
   * Series that must have risen in each case, as in `rejections_total{error=violation}`; `connected`: the gauge has been 0, since a
   * connection was lost. They say which alerts ring if it lasts.
   */
  readonly metrics: readonly string[];
  /** What health must have told in each case, the worst first. What is not among it must not have made it down. */
  readonly health: readonly HealthCondition[];
  /** The application does not start: there is nothing to scrape or to ask. */
  readonly startFails?: boolean;
  /** In some of its cases a connection is lost as well. */
  readonly mayBeDown?: boolean;
  /** What a person should do. */
  readonly todo: string;
}

/** What a case of the suite has shown. */
export interface Observation {
  readonly row: string;
  /** Lines that were logged, with their level, without what differs from run to run. */
  readonly lines: readonly string[];
  /** What health has told: `condition: reason`. */
  readonly problems: readonly string[];
}

declare module 'vitest' {
  interface TaskMeta {
    fault?: Observation;
  }
}
