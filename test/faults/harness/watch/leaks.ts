import { eventually } from 'nestjs-nats-auth/testing';

type Counts = Record<string, number>;

/** What keeps this process alive, and what listens to it, by kind. */
function resources(): Counts {
  const counts: Counts = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  for (const event of process.eventNames())
    counts[`process.on(${String(event)})`] = process.listenerCount(event);
  return counts;
}

/** Notes what is open now; the returned function waits until nothing more than that is. */
export function watchLeaks(): () => Promise<void> {
  const before = resources();
  return async () => {
    let leaked: string[] = [];
    await eventually(
      () => {
        leaked = Object.entries(resources())
          // The runner reports over a pipe, and polls with timers of its own that it takes back.
          .filter(([kind, count]) => count > (before[kind] ?? 0) && kind !== 'PipeWrap')
          .map(([kind, count]) => `${kind}: ${before[kind] ?? 0} before, ${count} after`);
        return leaked.length === 0;
      },
      { timeoutMs: 5_000 },
    ).catch(() => {
      throw new Error(`The application left something open: ${leaked.join('; ')}`);
    });
  };
}
