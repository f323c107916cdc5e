import { concat, defer, from, type Observable, Subject } from 'rxjs';

import type { Happening } from '../page/system-view.js';

const REMEMBERED = 200;

/** What happened, for the page and the terminal. */
export class Journal {
  readonly #latest: Happening[] = [];
  readonly #stream = new Subject<Happening>();

  add(who: string, kind: Happening['kind'], text: string): void {
    const happening = { at: Date.now(), who, kind, text };
    this.#latest.push(happening);
    if (this.#latest.length > REMEMBERED) this.#latest.shift();
    this.#stream.next(happening);
  }

  /** What is remembered, then what comes. */
  happenings(): Observable<Happening> {
    return concat(
      defer(() => from([...this.#latest])),
      this.#stream,
    );
  }
}
