/* global uPlot */
import { byId, element, setText, timeOfDay } from './dom.js';
import { scaleTop } from './scale.js';

const SHOWN_S = 120;
const FONT = '12px Inter, system-ui, sans-serif';

/** From the bottom up. What tells them apart is the filling: solid, hatched, hollow. */
const PARTS = [
  { id: 'answered', label: 'answered', colour: 'answered', filling: 'solid' },
  { id: 'failed', label: 'failed', colour: 'bad', filling: 'hatched' },
  { id: 'waiting', label: 'waiting for an answer', colour: 'quiet', filling: 'hollow' },
];

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/**
 * A chart of what became of the requests of each complete second. A request counts for the second in which it was sent, so
 * that one that waits is no dip, and its late answer no spike.
 */
export function createChart(target) {
  const legend = showLegend();
  if (!globalThis.uPlot) {
    target.append(element('p', 'empty', 'The chart could not be loaded.'));
    return { show() {} };
  }
  let seconds = [];
  let hovered;
  const x = { min: 0, max: SHOWN_S };
  let top = scaleTop([]);
  const ends = () => Array.from({ length: 5 }, (_, i) => x.min + (i * SHOWN_S) / 4);
  const axis = (more) => ({
    font: FONT,
    stroke: () => style('quiet'),
    grid: { stroke: () => style('edge'), width: 1 },
    ticks: { show: false },
    ...more,
  });
  // The tallest first: the others are drawn over it.
  const stacked = [...PARTS].reverse();
  const plot = new uPlot(
    {
      ...sizeOf(target),
      padding: [16, 16, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: false, range: () => [x.min, x.max] }, y: { range: () => [0, top] } },
      series: [
        {},
        ...stacked.map(({ colour, filling, label }) => ({
          label,
          stroke: () => style(colour),
          fill: (u) => fillOf(u.ctx, filling, colour),
          width: filling === 'solid' ? 0 : 1,
          paths: uPlot.paths.bars({ size: [0.85, 14], align: 1 }),
          points: { show: false },
        })),
      ],
      axes: [
        axis({ splits: ends, values: (_, splits) => splits.map(ago), size: 28 }),
        axis({ size: 34, space: 44 }),
      ],
      hooks: {
        draw: [(u) => markSpikes(u, seconds, top)],
        setCursor: [
          ({ cursor }) => {
            hovered = cursor.idx ?? undefined;
            showValues();
          },
        ],
      },
    },
    [[], [], [], []],
    target,
  );
  new ResizeObserver(() => plot.setSize(sizeOf(target))).observe(target);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());

  /** The values under the pointer, or of the last second. */
  function showValues() {
    const shown = seconds[hovered] ?? seconds.at(-1);
    for (const { id } of PARTS) setText(legend[id], shown ? `${shown[id]}/s` : '–');
    if (shown)
      setText(
        byId('readout'),
        `Second of ${timeOfDay(shown.at)}: ${shown.sent} sent. Each counts for the second it was sent in.`,
      );
  }
  const ago = (at) => (at === x.max ? 'now' : `−${x.max - at} s`);

  return {
    show(traffic) {
      // In the last one, requests are still being sent.
      seconds = traffic.seconds
        .slice(0, -1)
        .slice(-SHOWN_S)
        .map(([at, sent, answered, failed]) => ({
          at,
          sent,
          answered,
          failed,
          waiting: sent - answered - failed,
        }));
      if (seconds.length === 0) return;
      x.max = seconds.at(-1).at / 1_000 + 1;
      x.min = x.max - SHOWN_S;
      top = scaleTop(seconds.map(({ sent }) => sent));
      plot.setData([
        seconds.map(({ at }) => at / 1_000),
        seconds.map(({ sent }) => sent),
        seconds.map(({ answered, failed }) => answered + failed),
        seconds.map(({ answered }) => answered),
      ]);
      showValues();
      const sum = (part) => seconds.reduce((total, second) => total + second[part], 0);
      const summary = `Requests per second over the last ${seconds.length} seconds: ${sum('sent')} sent, ${sum('answered')} answered, ${sum('failed')} failed, ${sum('waiting')} waiting.`;
      target.setAttribute('aria-label', summary);
    },
  };
}

const sizeOf = ({ clientWidth, clientHeight }) => ({ width: clientWidth, height: clientHeight });

/** @returns what shows the value of each part. */
function showLegend() {
  const values = {};
  for (const { id, label, colour, filling } of PARTS) {
    const item = element('li', '', `${swatch(filling, colour)} <span>${label}</span> <b>–</b>`);
    values[id] = item.querySelector('b');
    byId('chart-legend').append(item);
  }
  return values;
}

function swatch(filling, colour) {
  const inner = {
    solid: '<path d="M1 1h14v10h-14z" fill="currentColor"/>',
    hatched: '<path d="M1 11L11 1M6 11L15 2M1 6L6 1M11 11L15 7" stroke="currentColor" stroke-width="2"/>',
    hollow: '',
  };
  return `<svg width="16" height="12" aria-hidden="true" style="color:var(--${colour})">${inner[filling]}<path d="M.5 .5h15v11h-15z" fill="none" stroke="currentColor"/></svg>`;
}

function fillOf(context, filling, colour) {
  if (filling === 'solid') return style(colour);
  if (filling === 'hollow') return style('panel');
  const tile = document.createElement('canvas');
  const size = 6 * devicePixelRatio;
  tile.width = tile.height = size;
  const brush = tile.getContext('2d');
  brush.fillStyle = style('panel');
  brush.fillRect(0, 0, size, size);
  brush.strokeStyle = style(colour);
  brush.lineWidth = size / 2.5;
  brush.beginPath();
  for (const shift of [-size, 0, size]) {
    brush.moveTo(shift, size);
    brush.lineTo(shift + size, 0);
  }
  brush.stroke();
  return context.createPattern(tile, 'repeat');
}

/** Says how high it is what goes beyond the scale. */
function markSpikes(plot, seconds, top) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = style('text');
  ctx.font = FONT.replace('12px', `${12 * devicePixelRatio}px`);
  ctx.textAlign = 'center';
  for (const { at, sent } of seconds)
    if (sent > top)
      ctx.fillText(`▲ ${sent}`, plot.valToPos(at / 1_000 + 0.5, 'x', true), bbox.top - 3 * devicePixelRatio);
  ctx.restore();
}
