import type { Subscription } from 'rxjs';

import type { System } from './system.js';

const TRAFFIC_EVERY_MS = 5_000;

/** Prints a line with the time and who says it. */
export function say(who: string, what: string): void {
  console.log(`${new Date().toISOString().slice(11, 23)}  ${who.padEnd(8)} ${what}`);
}

/** Prints what happens; the returned function ends it. */
export function narrate(system: System): () => void {
  const subscription: Subscription = system.journal.happenings().subscribe(({ who, kind, text, count }) => {
    // Of repeats the 1st, 10th, 100th …
    if (!/^10*$/.test(String(count))) return;
    say(who, `${kind.padEnd(14)} ${text}${count > 1 ? ` (×${count})` : ''}`);
  });
  const timer = setInterval(() => {
    const { requests, answered, failed, waiting } = system.traffic;
    say('traffic', `${requests} requests, ${answered} answered, ${failed} failed, ${waiting} waiting`);
    const { stored, read, lost, twice } = system.orders;
    say('orders', `${stored} stored, ${read} read, ${lost} lost, ${twice} twice`);
    say('prices', `revision ${system.prices.revision}, ${system.prices.missed} missed`);
  }, TRAFFIC_EVERY_MS);
  return () => {
    subscription.unsubscribe();
    clearInterval(timer);
  };
}
