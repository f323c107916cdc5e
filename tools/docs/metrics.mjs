// Writes the table of docs/metrics.md, and the sentence with the number of series, from the table of libs/metrics.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { runnerImport } from 'vite';

import { fail, root, writeOrCheck } from './project.mjs';

const DOCUMENT = 'docs/metrics.md';
const BEGIN = '<!-- Made by `npm run docs` out of libs/metrics/table.ts. -->\n';
const END = '<!-- End of what is made. -->\n';

const { module } = await runnerImport(join(root, 'libs/metrics/table.ts'), { root, configFile: false });
const metrics = Object.entries(module.METRICS);

const [before, made, after] = parts(readFileSync(join(root, DOCUMENT), 'utf8'));
if (made === undefined) fail(`${DOCUMENT} lacks the lines '${BEGIN.trim()}' and '${END.trim()}'.`);
writeOrCheck(DOCUMENT, [before, BEGIN, text(), END, after].join(''), 'npm run docs');

function parts(document) {
  const [before, rest = ''] = document.split(BEGIN);
  const [made, after] = rest.split(END);
  return after === undefined ? [before] : [before, made, after];
}

function text() {
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
    `\nA registration has ${series} series, and no more are added.\n`,
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
