/**
 * What there is on the time line and in the journal. Each kind has a form of its own, so that colour is not all that tells
 * them apart; `routine` is what happens all the time when all is well.
 */
export const KINDS = {
  refreshed: { label: 'new token', colour: 'accent', routine: true },
  rotated: { label: 'rotation', colour: 'good', routine: true },
  connected: { label: 'connected', colour: 'good' },
  done: { label: 'what you did', colour: 'text' },
  'refresh failed': { label: 'refresh failed', colour: 'warn' },
  unreachable: { label: 'cannot connect', colour: 'warn' },
  disconnected: { label: 'connection lost', colour: 'bad' },
  rejected: { label: 'rejected by NATS', colour: 'bad' },
  failed: { label: 'request failed', colour: 'bad' },
};

const SHAPES = {
  refreshed: '<circle r="3.5" fill="none" stroke="currentColor" stroke-width="2"/>',
  rotated: '<path d="M0-6l6 6l-6 6l-6-6z" fill="currentColor"/>',
  connected: '<path d="M-3-7h6v14h-6z" fill="currentColor"/>',
  done: '<path d="M-6-6h12l-6 11z" fill="currentColor"/>',
  'refresh failed': '<path d="M-4-4l8 8m0-8l-8 8" stroke="currentColor" stroke-width="2"/>',
  unreachable: '<path d="M0-5l5.5 9.5h-11z" fill="none" stroke="currentColor" stroke-width="2"/>',
  disconnected: '<path d="M0-7v4.5m0 5v4.5M-4-2.5h8M-4 2.5h8" stroke="currentColor" stroke-width="2.5"/>',
  rejected: '<path d="M-5-5h10v10h-10z" fill="currentColor"/>',
  failed: '<path d="M-6 0h12M0-6v12" stroke="currentColor" stroke-width="3"/>',
};

/** The sign of a kind around a point of an SVG. */
export function sign(kind, x, y) {
  return `<g transform="translate(${x} ${y})" style="color:var(--${colourOf(kind)})">${SHAPES[kind] ?? ''}</g>`;
}

/** The sign of a kind as a picture of its own. */
export function icon(kind) {
  return `<svg width="16" height="16" aria-hidden="true">${sign(kind, 8, 8)}</svg>`;
}

export function colourOf(kind) {
  return KINDS[kind]?.colour ?? 'quiet';
}
