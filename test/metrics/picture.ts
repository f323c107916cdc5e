import type { FilledPanel } from './dashboard.js';

const WIDTH = 400;
const COLUMNS = 3;
/** As many as the registrations of one role in `check:metrics` need. */
const LEGEND = { lines: 4, lineHeight: 15 };
/** Space around the plot of a panel: the title above, the axis to the left, time and legend below. */
const PLOT = { left: 52, right: 12, top: 34, bottom: 33 + LEGEND.lines * LEGEND.lineHeight };
const HEIGHT = PLOT.top + 128 + PLOT.bottom;
const COLOURS = [
  '#7eb26d',
  '#eab839',
  '#6ed0e0',
  '#ef843c',
  '#e24d42',
  '#1f78c1',
  '#ba43a9',
  '#705da0',
  '#508642',
];

/** Draws the panels of a dashboard, filled with data, as an SVG. */
export function drawDashboard(
  title: string,
  panels: readonly FilledPanel[],
  from: number,
  to: number,
): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [COLUMNS * WIDTH, rows * HEIGHT + 40];
  const cells = panels.map((panel, i) => {
    const [x, y] = [(i % COLUMNS) * WIDTH, Math.floor(i / COLUMNS) * HEIGHT + 40];
    return `<g transform="translate(${x} ${y})">${drawPanel(panel, from / 1_000, to / 1_000)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="sans-serif" font-size="11" fill="#c7c7c7" role="img">`,
    `<rect width="100%" height="100%" fill="#111217"/>`,
    `<text x="12" y="26" font-size="16">${escape(title)}</text>`,
    ...cells,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, unit, series }: FilledPanel, from: number, to: number): string {
  const drawn = series.filter(({ values }) => values.some(([, value]) => Number.isFinite(value)));
  // Series that were 0 all the time would hide behind each other.
  const moving = drawn.filter(({ values }) => values.some(([, value]) => value > 0));
  const shown = moving.length > 0 ? moving : drawn.slice(0, 1);
  const top = Math.max(
    ...shown.flatMap(({ values }) => values.map(([, value]) => (Number.isFinite(value) ? value : 0))),
  );
  const limit = top > 0 ? top * 1.1 : 1;
  const [width, height] = [WIDTH - PLOT.left - PLOT.right, HEIGHT - PLOT.top - PLOT.bottom];
  const x = (seconds: number) => PLOT.left + ((seconds - from) / (to - from)) * width;
  const y = (value: number) => PLOT.top + height - (Math.max(0, value) / limit) * height;
  const grid = [0, 0.5, 1].map((part) => {
    const at = y(part * limit).toFixed(1);
    return (
      `<path d="M${PLOT.left} ${at}H${WIDTH - PLOT.right}" stroke="#2c3035"/>` +
      `<text x="${PLOT.left - 6}" y="${Number(at) + 4}" text-anchor="end">${format(part * limit, unit)}</text>`
    );
  });
  const lines = shown.map(({ values }, i) => {
    const path = values.map(([seconds, value], j) => {
      if (!Number.isFinite(value)) return '';
      const begins = j === 0 || !Number.isFinite(values[j - 1]?.[1]);
      return `${begins ? 'M' : 'L'}${x(seconds).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    return `<path d="${path.join('')}" fill="none" stroke-linecap="round" stroke="${colour(i)}" stroke-width="1.5"/>`;
  });
  return [
    `<rect x="4" y="4" width="${WIDTH - 8}" height="${HEIGHT - 8}" rx="3" fill="#181b1f" stroke="#2c3035"/>`,
    `<text x="12" y="22" font-size="12" font-weight="bold">${escape(title)}${unit === 'cpm' ? ', a minute' : ''}</text>`,
    ...grid,
    ...lines,
    `<text x="${PLOT.left}" y="${HEIGHT - PLOT.bottom + 15}">0 s</text>`,
    `<text x="${WIDTH - PLOT.right}" y="${HEIGHT - PLOT.bottom + 15}" text-anchor="end">${Math.round(to - from)} s</text>`,
    ...legend(shown.map((one) => one.legend)),
  ].join('');
}

function legend(names: readonly string[]): string[] {
  let [x, y] = [12, HEIGHT - PLOT.bottom + 32];
  return names.map((name, i) => {
    const width = 18 + name.length * 6;
    if (x + width > WIDTH - 8) [x, y] = [12, y + LEGEND.lineHeight];
    const entry = `<rect x="${x}" y="${y - 6}" width="10" height="3" fill="${colour(i)}"/><text x="${x + 14}" y="${y}">${escape(name)}</text>`;
    x += width + 8;
    return entry;
  });
}

function format(value: number, unit: string): string {
  const text = (number: number) => String(Number(number.toPrecision(2)));
  if (unit !== 's') return text(value);
  if (value === 0) return '0';
  if (value < 1) return `${text(value * 1_000)} ms`;
  return value < 120 ? `${text(value)} s` : `${text(value / 60)} min`;
}

function colour(i: number): string {
  return COLOURS[i % COLOURS.length] ?? '#ffffff';
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
