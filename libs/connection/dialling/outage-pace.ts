/**
 * Within so much of an outage the provider is called, in ms, each instance at a moment of its own: a fleet that has lost its cluster
 * calls over that time, and not all at once.
 */
const SPREAD_MS = 15_000;
/** Who is back within this waits for nothing, in ms: a server that restarts is found at the second dial, two seconds after the first. */
const SHORT_OUTAGE_MS = 3_000;
/** The longest delay of a call that nobody has made by the end of the outage, in ms. */
const LONGEST_DELAY_MS = 2_000;

/** How long after a loss the provider is called while no server answers, in ms. */
export function fetchAfterMs(random: () => number): number {
  return random() * SPREAD_MS;
}

/** How long a call is put off when a server answers again, in ms: all that have lost it see that within one round of dials. */
export function delayAtTheEndMs(downMs: number, random: () => number): number {
  return random() * Math.min(LONGEST_DELAY_MS, Math.max(0, downMs - SHORT_OUTAGE_MS));
}
