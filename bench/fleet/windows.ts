import { round } from '../stats.js';

/** A part of the day, in minutes of it. */
export interface Window {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export const WINDOWS: readonly Window[] = [
  { name: 'steady state, 00:00–04:00', from: 0, to: 240 },
  { name: 'outage of the identity provider, 04:00–04:10', from: 240, to: 250 },
  { name: 'after the outage, 04:10–04:20', from: 250, to: 260 },
  { name: 'restart of the cluster, 08:00–08:01', from: 480, to: 481 },
  { name: '08:30–12:00', from: 510, to: 720 },
  { name: '16:00–20:00', from: 960, to: 1_200 },
  { name: '20:00–24:00', from: 1_200, to: 1_440 },
];

/** Requests a second. */
export interface Load {
  readonly mean: number;
  /** Of the busiest minute. */
  readonly peakMinute: number;
  /** Of the busiest second. */
  readonly peakSecond: number;
  /** Of the busiest minute. */
  readonly peakToMean: number;
  /** Requests of an instance in the whole window. */
  readonly perInstance: number;
  /** The part of the fleet that makes a request in the busiest second. */
  readonly peakSecondToFleet: number;
}

export function loadIn({ from, to }: Window, perSecond: Uint32Array, instances: number): Load {
  const part = perSecond.subarray(from * 60, to * 60);
  const requests = part.reduce((sum, inSecond) => sum + inSecond, 0);
  const mean = requests / part.length;
  const peakSecond = Math.max(...part);
  const peakMinute = Math.max(...perMinute(part));
  return {
    mean: round(mean, 2),
    peakMinute: round(peakMinute, 2),
    peakSecond,
    peakToMean: round(peakMinute / mean, 2),
    perInstance: round(requests / instances, 2),
    peakSecondToFleet: round(peakSecond / instances, 4),
  };
}

/** Requests a second, minute by minute. */
export function perMinute(perSecond: Uint32Array): number[] {
  const minutes = Array.from({ length: Math.ceil(perSecond.length / 60) }, () => 0);
  perSecond.forEach((requests, second) => {
    const minute = Math.floor(second / 60);
    minutes[minute] = (minutes[minute] ?? 0) + requests / 60;
  });
  return minutes;
}
