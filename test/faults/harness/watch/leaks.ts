import { eventually } from 'nestjs-nats-auth/testing';

type Counts = Record<string, number>;

/** Notes what is open now; the returned function waits until nothing more than that is. */
export async function watchLeaks(): Promise<() => Promise<void>> {
  const before = await settled();
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

/** What keeps this process alive, and what listens to it, by kind. */
function resources(): Counts {
  const counts: Counts = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  for (const event of process.eventNames())
    counts[`process.on(${String(event)})`] = process.listenerCount(event);
  return counts;
}

const LOOKS_UNCHANGED = 5;

/** The least of each kind, once it has not gone down for a few looks: what is passing would hide as much that is left open. */
async function settled(): Promise<Counts> {
  let least = resources();
  let unchanged = 0;
  await eventually(() => {
    const now = resources();
    const lower = Object.entries(least).filter(([kind, count]) => (now[kind] ?? 0) < count);
    least = { ...least, ...Object.fromEntries(lower.map(([kind]) => [kind, now[kind] ?? 0])) };
    unchanged = lower.length > 0 ? 0 : unchanged + 1;
    return unchanged >= LOOKS_UNCHANGED;
  });
  return least;
}
