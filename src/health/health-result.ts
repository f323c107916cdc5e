import type { HealthState } from './conditions.js';
import type { HealthProblem } from './health-report.js';

/** A report, as far as a health check shows it. */
interface Report<P> {
  readonly state: HealthState;
  readonly problems: readonly P[];
}

/**
 * What a health check shows of a report, in the form that `@nestjs/terminus` expects.
 * @param degradedAs the `status` of what is degraded.
 */
export function healthResult<
  P extends Pick<HealthProblem, 'reason' | 'since' | 'lastError'>,
  Degraded extends HealthState,
>({ state, problems }: Report<P>, degradedAs: Degraded) {
  const [worst] = problems;
  return {
    status: state === 'degraded' ? degradedAs : state,
    state,
    ...(worst && {
      reason: worst.reason,
      since: new Date(worst.since).toISOString(),
      lastError: worst.lastError?.message,
      problems,
    }),
  };
}
