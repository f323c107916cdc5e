const LEAST = 25;

/**
 * The top of a scale that single spikes do not flatten: it has room for what all but one in twenty values reach, and for all
 * of them if they are not far above that.
 */
export function scaleTop(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const usual = sorted[Math.floor((sorted.length - 1) * 0.95)] ?? 0;
  const highest = sorted.at(-1) ?? 0;
  return Math.max(LEAST, roundUp(highest <= usual * 1.5 ? highest : usual * 1.25));
}

/** To 1, 2, 2.5 or 5 times a power of ten. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return ([1, 2, 2.5, 5].find((step) => step * power >= value) ?? 10) * power;
}
