import { median } from '../stats.js';

const RESAMPLES = 2_000;

/** How one side stands to another: the median of the ratios of each round, and where 95 % of resampled medians lie. */
export interface Comparison {
  readonly ratio: number;
  readonly from: number;
  readonly to: number;
}

/** Compares round by round: what slows the machine down for a while slows both sides of a round. */
export function compare(side: readonly number[], base: readonly number[]): Comparison {
  const ratios = side.map((value, i) => value / (base[i] ?? value));
  const draw = () => ratios[Math.floor(Math.random() * ratios.length)] ?? 1;
  const medians = Array.from({ length: RESAMPLES }, () => median(ratios.map(draw))).sort((a, b) => a - b);
  const at = (fraction: number) => medians[Math.floor((RESAMPLES - 1) * fraction)] ?? 1;
  return { ratio: median(ratios), from: at(0.025), to: at(0.975) };
}
