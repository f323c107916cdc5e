/** What there is on the time line, with its colour in page.css. */
export const KINDS = {
  refreshed: { label: 'new token', colour: 'calm' },
  rotated: { label: 'rotation', colour: 'good' },
  'refresh failed': { label: 'refresh failed', colour: 'warn' },
  rejected: { label: 'rejected by NATS', colour: 'bad' },
  disconnected: { label: 'connection lost', colour: 'bad' },
  connected: { label: 'connected', colour: 'good' },
  done: { label: 'what you did', colour: 'text' },
};

const SHOWN_MS = 120_000;
const LANE = 34;
const NAMES = 70;

/** One kind of thing as a sign; each has a form of its own, so that colour is not all that tells them apart. */
export function mark(kind, x, y, title = '') {
  const colour = `var(--${KINDS[kind]?.colour ?? 'quiet'})`;
  const shapes = {
    refreshed: `<circle cx="${x}" cy="${y}" r="3.5" fill="${colour}"/>`,
    rotated: `<path d="M${x} ${y - 6}l6 6l-6 6l-6-6z" fill="${colour}"/>`,
    'refresh failed': `<path d="M${x - 4} ${y - 4}l8 8m0-8l-8 8" stroke="${colour}" stroke-width="2"/>`,
    rejected: `<path d="M${x - 5} ${y - 5}h10v10h-10z" fill="${colour}"/>`,
    disconnected: `<path d="M${x} ${y - 7}v14" stroke="${colour}" stroke-width="3"/>`,
    connected: `<path d="M${x} ${y - 7}v14" stroke="${colour}" stroke-width="3"/>`,
    done: `<path d="M${x - 5} ${y - 6}h10l-5 10z" fill="${colour}"/>`,
  };
  return `<g><title>${escape(title)}</title>${shapes[kind] ?? ''}</g>`;
}

/** Draws what happened in the last two minutes, a lane for each name. */
export function drawTimeline(element, lanes, happenings, now) {
  const width = element.clientWidth;
  const height = lanes.length * LANE + 20;
  const x = (at) => NAMES + (1 - (now - at) / SHOWN_MS) * (width - NAMES - 8);
  const rows = lanes.map((name, i) => {
    const y = i * LANE + LANE / 2;
    const shown = happenings.filter(
      ({ who, at, kind }) => who === name && KINDS[kind] && now - at < SHOWN_MS,
    );
    const marks = shown.map(({ at, kind, text }) => mark(kind, x(at).toFixed(1), y, `${kind}: ${text}`));
    return (
      `<text class="name" x="0" y="${y + 4}">${name}</text>` +
      `<path d="M${NAMES} ${y}H${width - 8}" stroke="var(--lane)" stroke-width="${LANE - 12}"/>${marks.join('')}`
    );
  });
  const step = width < 600 ? 60_000 : 30_000;
  const ticks = Array.from({ length: SHOWN_MS / step + 1 }, (_, i) => {
    const at = now - i * step;
    const anchor = i === 0 ? 'end' : 'middle';
    return `<text x="${x(at)}" y="${height - 4}" text-anchor="${anchor}">${i === 0 ? 'now' : `−${(i * step) / 1000} s`}</text>`;
  });
  element.innerHTML = `<svg height="${height}" role="img" aria-label="What happened to each service">${rows.join('')}${ticks.join('')}</svg>`;
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
