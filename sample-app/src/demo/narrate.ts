import type { Subscription } from 'rxjs';

import type { System } from './system.js';

const TRAFFIC_EVERY_MS = 5_000;

/** Prints a line with the time and who says it. */
export function say(who: string, what: string): void {
  console.log(`${new Date().toISOString().slice(11, 23)}  ${who.padEnd(8)} ${what}`);
}

/** Prints what happens; the returned function ends it. */
export function narrate(system: System): () => void {
  const subscription: Subscription = system.happenings().subscribe(({ who, kind, text }) => {
    say(who, `${kind.padEnd(14)} ${text}`);
  });
  const timer = setInterval(() => {
    const { requests, answered, failed } = system.traffic;
    say('traffic', `${requests} requests, ${answered} answered, ${failed} failed`);
  }, TRAFFIC_EVERY_MS);
  return () => {
    subscription.unsubscribe();
    clearInterval(timer);
  };
}
