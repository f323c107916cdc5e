/** A state machine, as a test looks at it. */
export interface Machine<State, Event extends { readonly type: string }> {
  readonly start: State;
  /** One of each kind. */
  readonly events: readonly Event[];
  readonly next: (state: State, event: Event) => State;
  readonly nameOf: (state: State) => string;
}

/** One state of each name that the events lead to. */
export function reachable<S, E extends { readonly type: string }>(machine: Machine<S, E>): S[] {
  const { start, events, next, nameOf } = machine;
  const found = new Map([[nameOf(start), start]]);
  for (const state of found.values())
    for (const after of events.map((event) => next(state, event)))
      if (!found.has(nameOf(after))) found.set(nameOf(after), after);
  return [...found.values()];
}

/** The transitions between states of different names, with the event that causes each, as a diagram writes them. */
export function transitionsOf<S, E extends { readonly type: string }>(
  machine: Machine<S, E>,
  states = reachable(machine),
): string[] {
  const { events, next, nameOf } = machine;
  const all = states.flatMap((state) =>
    events.map((event) => [nameOf(state), nameOf(next(state, event)), event.type] as const),
  );
  const between = all.filter(([from, to]) => from !== to);
  return [...new Set(between.map(([from, to, type]) => `${from} --> ${to}: ${type}`))];
}
