/** A measured figure of the home page. */
export interface Figure {
  readonly value: string;
  readonly title: string;
  readonly text: string;
  /** The section of docs/performance.md that has it. */
  readonly section: string;
}

/**
 * The figures of the home page, as docs/performance.md has them.
 * @throws {Error} when a row or sentence is no longer there, so that none can go stale.
 */
export function figures(performance: string): Figure[] {
  const cell = (section: string, row: string, column: string | number) =>
    cellOf(performance, section, row, column);
  const [, upgraded, upgradedEvents, stockEvents, stockSends] = found(
    /lost nothing and failed nothing in ([\d,]+) requests and ([\d,]+) events; NestJS's own transport lost ([\d,]+ of [\d,]+) events and failed (\d+) sends/,
    performance,
  );
  const small = '64 | 16 | ours';
  return [
    {
      value: cell('Rotation', 'requests never answered', 'handover'),
      title: 'requests lost by rotation',
      text: `Of ${cell('Rotation', 'requests', 'handover')} requests, under load, while credentials changed 100 times. A plain reconnect left ${cell('Rotation', 'requests never answered', 'plain nats.js `reconnect()`')} of ${cell('Rotation', 'requests', 'plain nats.js `reconnect()`')} unanswered.`,
      section: 'rotation',
    },
    {
      value: '0',
      title: 'messages lost by a rolling upgrade',
      text: `Of ${String(upgraded)} requests and ${String(upgradedEvents)} events, while each node of a cluster restarted. The stock transport lost ${String(stockEvents)} events and failed ${String(stockSends)} sends.`,
      section: 'rotation',
    },
    {
      value: `${cell('Requests', small, 4)} ×`,
      title: 'the requests of the stock transport',
      text: `In a second, with 64 small requests under way, and ${cell('Requests', small, 7)} × of its client’s CPU for each.`,
      section: 'requests',
    },
    {
      value: cell('Pings', 'a connection that was dropped without a word is found after', 'every 20 s'),
      title: 'until a dead connection is found',
      text: `When it was dropped without a word. With the default of nats.js it takes ${cell('Pings', 'a connection that was dropped without a word is found after', 'every 2 min')}.`,
      section: 'pings',
    },
    {
      value: `${cell('A fleet', 'with jitter (default)', 1)} ×`,
      title: 'the mean, in the busiest minute',
      text: 'Calls of 10,000 instances to their identity provider. They refresh with jitter, so a fleet does not move in step.',
      section: 'a-fleet',
    },
    {
      value: `${cell('Connections', 'connect over TCP, ms (1,000); a provider that answers at once', 'ratio')} ×`,
      title: 'the time of a plain connect',
      text: `The price: ${cell('Connections', 'connect over TCP, ms (1,000); a provider that answers at once', 'ours')} ms in place of ${cell('Connections', 'connect over TCP, ms (1,000); a provider that answers at once', 'plain nats.js')} ms over loopback TCP, for a provider call before it.`,
      section: 'connections',
    },
  ];
}

/** A cell of the first table below a heading that has a row of that name; the column by its heading, or counted from 0. */
function cellOf(document: string, section: string, row: string, column: string | number): string {
  const [, body = ''] = document.split(`\n## ${section}\n`);
  const lines = (body.split('\n## ')[0] ?? '').split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| ${row} |`));
  const heading = lines.findLastIndex((line, n) => n < at && line.startsWith('| ---')) - 1;
  const index = typeof column === 'number' ? column : cells(lines[heading]).indexOf(column);
  const value = cells(lines[at])[index];
  if (!value)
    throw new Error(
      `docs/performance.md: the home page quotes '${row}', ${column}, of '${section}', which is not there.`,
    );
  return value.replaceAll('**', '');
}

function cells(line = ''): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function found(pattern: RegExp, text: string): RegExpExecArray {
  const match = pattern.exec(text.replace(/\s+/g, ' '));
  if (!match)
    throw new Error(`docs/performance.md: the home page quotes ${String(pattern)}, which is not there.`);
  return match;
}
