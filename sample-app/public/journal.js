import { byId, element, setText, timeOfDay } from './dom.js';
import { colourOf, icon, KINDS } from './kinds.js';

const ROWS = 200;

/** The happenings in words, the newest on top; what repeats is one row that counts. */
export class JournalView {
  #rows = new Map();

  constructor() {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    setText(byId('zone'), `times: ${timeZone}`);
    byId('routine').addEventListener('change', ({ currentTarget: box }) =>
      byId('journal').classList.toggle('without-routine', !box.checked),
    );
  }

  clear() {
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
  }

  show(changed, gone) {
    for (const id of gone) this.#remove(id);
    for (const happening of changed.slice(-ROWS)) {
      const row = this.#rows.get(happening.id) ?? this.#add(happening);
      fill(row, happening);
    }
    const [oldest] = this.#rows.keys();
    if (this.#rows.size > ROWS) this.#remove(oldest);
    byId('journal')
      .querySelector('.empty')
      ?.toggleAttribute('hidden', this.#rows.size > 0);
  }

  #add({ id, kind }) {
    const row = element(
      'li',
      KINDS[kind]?.routine ? 'is-routine' : '',
      `<time></time><span class="who"></span><span class="kind">${icon(kind)}<span></span></span><span class="text"></span><span class="times"></span>`,
    );
    row.querySelector('.kind').style.color = `var(--${colourOf(kind)})`;
    this.#rows.set(id, row);
    byId('journal').prepend(row);
    return row;
  }

  #remove(id) {
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
  }
}

function fill(row, { at, until, count, who, kind, text }) {
  const time = row.querySelector('time');
  setText(time, timeOfDay(at));
  time.dateTime = new Date(at).toISOString();
  setText(row.querySelector('.who'), who);
  setText(row.querySelector('.kind span'), kind);
  setText(row.querySelector('.text'), text);
  setText(row.querySelector('.times'), count > 1 ? `×${count} until ${timeOfDay(until)}` : '');
}
