import { byId, element, escapeHtml, timeOfDay } from './dom.js';
import { icon, KINDS, sign } from './kinds.js';

const MINUTE = 60_000;
const RANGES = [
  { label: '2 min', ms: 2 * MINUTE },
  { label: '10 min', ms: 10 * MINUTE },
  { label: 'whole run' },
];
const WHOLE_RUNS = [2, 5, 10, 30, 60, 120, 240, 720, 1_440, 4_320, 10_080].map((minutes) => minutes * MINUTE);
const LANE = 36;
const TICKS = 24;
/** Right of now, for half a sign. */
const MARGIN = 8;
/** In the upper half of a service's lane; the lower one is for its connections. */
const TOKENS = new Set(['refreshed', 'refresh failed']);
/** Signs of one kind that are nearer than that, in px, are one. */
const APART = 7;

/** What happened, a lane for each name, over a time that can be chosen. */
export class Timeline {
  #target;
  #range = RANGES[0];
  #drawn = '';
  #drawnAt = 0;
  #shownMs = 0;

  constructor(target) {
    this.#target = target;
    target.append(element('ul', 'lanes'), element('div', 'marks'));
    byId('timeline-legend').innerHTML = Object.entries(KINDS)
      .map(([kind, { label }]) => `<li>${icon(kind)} <span>${label}</span></li>`)
      .join('');
    for (const range of RANGES) {
      const button = element('button', '', range.label);
      button.addEventListener('click', () => this.#choose(range));
      byId('ranges').append(button);
    }
    this.#choose(this.#range);
  }

  #choose(range) {
    this.#range = range;
    this.#drawn = '';
    for (const button of byId('ranges').children)
      button.setAttribute('aria-pressed', button.textContent === range.label);
  }

  /** @param revision of the happenings: as long as it is the same, the drawing only moves. */
  show(lanes, happenings, revision, now) {
    const marks = this.#target.querySelector('.marks');
    const width = marks.clientWidth;
    const first = happenings.all[0]?.at ?? now;
    this.#shownMs = this.#range.ms ?? WHOLE_RUNS.find((ms) => ms >= now - first) ?? WHOLE_RUNS.at(-1);
    const key = `${lanes} ${revision} ${width} ${this.#shownMs}`;
    if (key !== this.#drawn || now - this.#drawnAt > this.#shownMs / 4) {
      this.#drawn = key;
      this.#drawnAt = now;
      this.#draw(marks, lanes, happenings.all, width, now);
    }
    const moved = -((now - this.#drawnAt) / this.#shownMs) * (width - MARGIN);
    marks.querySelector('.moving')?.setAttribute('transform', `translate(${moved.toFixed(1)} 0)`);
  }

  #draw(marks, lanes, happenings, width, now) {
    this.#target.querySelector('.lanes').innerHTML = lanes
      .map((name) => `<li title="${escapeHtml(name)}">${escapeHtml(name)}</li>`)
      .join('');
    const x = (at) => (width - MARGIN) * (1 - (now - at) / this.#shownMs);
    const shown = happenings.filter(({ until }) => now - until < this.#shownMs);
    const rows = lanes.map((name, i) => {
      const y = i * LANE + LANE / 2;
      return signsOf(
        shown.filter(({ who }) => who === name),
        x,
        y,
      );
    });
    const height = lanes.length * LANE;
    const grounds = lanes.map(
      (_, i) =>
        `<rect x="0" y="${i * LANE + 1}" width="${width}" height="${LANE - 2}" rx="4" fill="var(--lane)"/>`,
    );
    const counted = shown.reduce((sum, { count }) => sum + count, 0);
    marks.innerHTML = `<svg width="${width}" height="${height + TICKS}" role="img" aria-label="Time line of ${lanes.length} lanes with ${counted} happenings; the journal tells them in words">
      ${grounds.join('')}<g class="moving">${rows.join('')}</g>${ticks(width, height, this.#shownMs)}</svg>`;
  }
}

/** What matters is drawn last, on top. */
function signsOf(happenings, x, middle) {
  const order = Object.keys(KINDS);
  const drawnAt = {};
  return happenings
    .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.id - b.id)
    .map((happening) => {
      const { kind, at, until, count, who } = happening;
      const y = middle + (who === 'traffic' || who === 'you' ? 0 : TOKENS.has(kind) ? -8 : 8);
      const [from, to] = [x(at), x(until)];
      if (to - (drawnAt[kind] ?? -Infinity) < APART) return '';
      drawnAt[kind] = to;
      const isLong = to - from > APART;
      const span = isLong
        ? `<path d="M${from.toFixed(1)} ${y}H${to.toFixed(1)}" stroke="var(--${KINDS[kind].colour})" stroke-width="3" stroke-dasharray="1 3"/>${sign(kind, from.toFixed(1), y)}`
        : '';
      const label =
        to - from > 56
          ? `<text class="times" x="${((from + to) / 2).toFixed(1)}" y="${y + 4}" text-anchor="middle">×${count}</text>`
          : '';
      return `<g data-kind="${kind}" data-count="${count}"><title>${escapeHtml(titleOf(happening))}</title>${span}${sign(kind, to.toFixed(1), y)}${label}</g>`;
    })
    .join('');
}

export function titleOf({ kind, at, until, count, text }) {
  const when = count > 1 ? `${timeOfDay(at)} to ${timeOfDay(until)}, ×${count}` : timeOfDay(at);
  return `${when}, ${KINDS[kind]?.label ?? kind}: ${text}`;
}

function ticks(width, height, shownMs) {
  const parts = width < 420 ? 2 : 4;
  return Array.from({ length: parts + 1 }, (_, i) => {
    const anchor = i === 0 ? 'start' : i === parts ? 'end' : 'middle';
    const ago = shownMs * (1 - i / parts);
    return `<text x="${((width - MARGIN) * i) / parts}" y="${height + 17}" text-anchor="${anchor}">${ago === 0 ? 'now' : `−${duration(ago)}`}</text>`;
  }).join('');
}

function duration(ms) {
  if (ms <= 2 * MINUTE) return `${ms / 1_000} s`;
  return ms < 120 * MINUTE ? `${+(ms / MINUTE).toFixed(1)} min` : `${+(ms / 60 / MINUTE).toFixed(1)} h`;
}
