/* global uPlot */

const SHOWN_S = 120;
const HEIGHT = 300;

/** A chart of requests a second, answered and failed. */
export function createChart(element) {
  const data = [[], [], []];
  let before;
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const axis = () => ({ stroke: () => style('quiet'), grid: { stroke: () => style('edge'), width: 1 } });
  const line = (label, colour) => ({
    label,
    stroke: () => style(colour),
    width: 2,
    value: (_, value) => (value === null ? '–' : `${value.toFixed(1)}/s`),
  });
  const plot = new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      scales: { y: { range: (_, __, top) => [0, Math.max(25, top * 1.1)] } },
      series: [{}, line('answered', 'good'), line('failed', 'bad')],
      axes: [axis(), { ...axis(), size: 36 }],
      cursor: { y: false },
    },
    data,
    element,
  );
  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT })).observe(element);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());

  return {
    /** @param traffic totals so far; what is drawn is their growth. */
    add(now, traffic) {
      if (before) {
        const seconds = (now - before.now) / 1000;
        data[0].push(now / 1000);
        data[1].push((traffic.answered - before.traffic.answered) / seconds);
        data[2].push((traffic.failed - before.traffic.failed) / seconds);
        while (data[0][0] < now / 1000 - SHOWN_S) for (const column of data) column.shift();
        plot.setData(data);
      }
      before = { now, traffic };
    },
  };
}
