const WIDTH = 860;
const PANEL = 130;
const GAP = 44;
const LEFT = 52;
const TOP = 30;
const DECADES = [0.1, 1, 10, 100, 1_000] as const;
const LOWEST = 0.1;
const HIGHEST = 2_000;

/** One curve: requests a second, minute by minute, of a day. */
export interface Panel {
  readonly title: string;
  readonly perMinute: readonly number[];
}

/** The curves below one another on a logarithmic scale, readable on light and dark ground. */
export function drawCurves(panels: readonly Panel[]): string {
  const height = TOP + panels.length * (PANEL + GAP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    '<style>text{fill:#24292f}.grid{stroke:#8c959f;stroke-opacity:.35}.curve{fill:none;stroke:#0969da}',
    '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.curve{stroke:#58a6ff}}</style>',
    ...panels.map((panel, n) => drawPanel(panel, TOP + n * (PANEL + GAP))),
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, perMinute }: Panel, top: number): string {
  const x = (minute: number) => LEFT + (minute / perMinute.length) * (WIDTH - LEFT - 12);
  const y = (value: number) => {
    const share = Math.log(Math.max(value, LOWEST) / LOWEST) / Math.log(HIGHEST / LOWEST);
    return top + PANEL * (1 - Math.min(share, 1));
  };
  const horizontal = DECADES.map(
    (value) =>
      `<path class="grid" d="M${LEFT} ${y(value).toFixed(1)}H${WIDTH - 12}"/><text x="${LEFT - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${value}</text>`,
  );
  const hours = [0, 4, 8, 12, 16, 20, 24].map(
    (hour) =>
      `<text x="${x((hour / 24) * perMinute.length).toFixed(1)}" y="${top + PANEL + 16}" text-anchor="middle">${String(hour).padStart(2, '0')}:00</text>`,
  );
  const points = perMinute.map((value, minute) => `${x(minute + 0.5).toFixed(1)} ${y(value).toFixed(1)}`);
  return [
    `<text x="${LEFT}" y="${top - 8}" font-weight="bold">${title}</text>`,
    ...horizontal,
    ...hours,
    `<path class="curve" d="M${points.join('L')}"/>`,
  ].join('\n');
}
