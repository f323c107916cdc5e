// Writes the tables of docs/metrics.md, and the sentences with the number of series, from the tables of the source.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { runnerImport } from 'vite';

import { fail, root, writeOrCheck } from './project.mjs';

const DOCUMENT = 'docs/metrics.md';
const END = '<!-- End of what is made. -->\n';

const TABLES = [
  {
    file: 'libs/metrics/table.ts',
    table: ({ METRICS }) => METRICS,
    says: (series) => `A registration has ${series} series, and no more are added.`,
  },
  {
    file: 'src/callout/metrics/table.ts',
    table: ({ CALLOUT_METRICS }) => CALLOUT_METRICS,
    says: (series) => `A registration that is an auth callout has ${series} more.`,
  },
];

let document = readFileSync(join(root, DOCUMENT), 'utf8');
for (const { file, table, says } of TABLES) {
  const begin = `<!-- Made by \`npm run docs\` out of ${file}. -->\n`;
  const [before, made, after] = parts(begin);
  if (made === undefined) fail(`${DOCUMENT} lacks the lines '${begin.trim()}' and '${END.trim()}'.`);
  const { module } = await runnerImport(join(root, file), { root, configFile: false });
  document = [before, begin, text(Object.entries(table(module)), says), END, after].join('');
}
writeOrCheck(DOCUMENT, document, 'npm run docs');

/** What stands before, within and after the part that is made. */
function parts(begin) {
  const [before, rest = ''] = document.split(begin);
  const end = rest.indexOf(END);
  return end < 0 ? [before] : [before, rest.slice(0, end), rest.slice(end + END.length)];
}

function text(metrics, says) {
  const series = metrics.reduce((sum, [, metric]) => sum + seriesOf(metric), 0);
  const line = (cells) => `|${cells.map((cell) => (cell ? ` ${cell} ` : ' ')).join('|')}|`;
  const shown = new Set();
  const rows = metrics.map(([name, metric]) => [
    `\`${name}\``,
    metric.type,
    labelsOf(metric, shown),
    metric.help + range(metric),
  ]);
  return [
    `\n${says(series)}\n`,
    ...[['name', 'type', 'labels beside `connection`', ''], Array(4).fill('---'), ...rows].map(line),
    '\n',
  ].join('\n');
}

/** A histogram has a series for each bound, and three more: `+Inf`, the sum and the count. */
function seriesOf({ labels, buckets }) {
  const combinations = Object.values(labels).reduce((product, values) => product * values.length, 1);
  return combinations * (buckets ? buckets.length + 3 : 1);
}

/** The values of a label stand where it has them first. */
function labelsOf({ labels }, shown) {
  const texts = Object.entries(labels).map(([label, values]) => {
    const list = values.map((value) => `\`${value}\``).join(' ');
    const known = shown.has(label + list);
    shown.add(label + list);
    return known ? `\`${label}\`` : `\`${label}\`: ${list}`;
  });
  return texts.join('; ');
}

function range({ buckets }) {
  return buckets ? `; ${duration(buckets[0])} to ${duration(buckets.at(-1))}` : '';
}

function duration(seconds) {
  if (seconds < 1) return `${seconds * 1_000} ms`;
  return seconds < 3_600 ? `${seconds} s` : `${seconds / 3_600} h`;
}
