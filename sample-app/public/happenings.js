/** What the page knows of what happened, as the journal of the system tells it. */
export class Happenings {
  #byId = new Map();
  #sorted = [];

  clear() {
    this.#byId.clear();
    this.#sorted = [];
  }

  /** @returns the ids of entries that are told by others now. */
  take(changed) {
    const gone = [];
    for (const happening of changed) {
      if (happening.folded) {
        for (const { id, who, kind } of this.#byId.values())
          if (id < happening.id && who === happening.who && kind === happening.kind) gone.push(id);
        for (const id of gone) this.#byId.delete(id);
      }
      this.#byId.set(happening.id, happening);
    }
    if (changed.length > 0) this.#sorted = [...this.#byId.values()].sort((a, b) => a.id - b.id);
    return gone;
  }

  /** Oldest first. */
  get all() {
    return this.#sorted;
  }
}
