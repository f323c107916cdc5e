import { DEFAULT_STATES } from '../../../src/health/conditions.js';
import { alertsFor } from './alerts.js';
import { readObserved } from './observed.js';
import type { Row } from './row.js';
import { PARTS } from './rows.js';

const COLUMNS = ['fault', 'log', 'metrics', 'health', 'alert, if it lasts', 'what to do'];

/** The tables of docs/operations.md: one for each part. */
export function faultTables(): string {
  const observed = readObserved();
  return parts(
    ([name, row]) => {
      const { lines = [], reasons = [] } = observed[name] ?? {};
      const cells = [
        row.fault,
        lines.map(code).join('<br>') || 'no line above `log`',
        row.metrics.map(metric).join('<br>') || '–',
        health(row, reasons),
        alertsFor(row.metrics)
          .map((alert) => `[${alert}](metrics.md#${alert.toLowerCase()})`)
          .join('<br>') || '–',
        row.todo,
      ];
      return line(cells);
    },
    [line(COLUMNS), line(COLUMNS.map(() => '---'))],
  );
}

/** The lists of docs/faults.md: the cases that play each row. */
export function faultCases(): string {
  const observed = readObserved();
  return parts(([name, row]) => {
    const cases = observed[name]?.cases ?? [];
    return `* ${row.fault}\n${cases.map((one) => `  * ${one}`).join('\n')}`;
  });
}

function parts(rowText: (entry: [string, Row]) => string, head: readonly string[] = []): string {
  return Object.entries<Readonly<Record<string, Row>>>(PARTS)
    .map(([part, rows]) => [`### ${part}`, '', ...head, ...Object.entries(rows).map(rowText), ''].join('\n'))
    .join('\n');
}

/** What is worst, and the words for what lasts. */
function health({ health, startFails }: Row, reasons: readonly string[]): string {
  const [worst] = health;
  if (startFails) return 'the process ends';
  if (worst === undefined) return 'up';
  if (worst === 'disconnected') return 'down after `graceTime` (`disconnected`)';
  return `${DEFAULT_STATES[worst]} (\`${worst}\`): ${reasons[0] ?? ''}`;
}

/** As PromQL writes it. */
function metric(series: string): string {
  if (series === 'connected') return '`connected` is 0';
  if (series === 'subscriptions_refused') return '`subscriptions_refused` is above 0';
  return `\`${series.replace(/\{(.*)\}/, (_, labels: string) => (labels ? `{${labels.replace(/=(\w+)/g, '="$1"')}}` : ''))}\` rises`;
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
