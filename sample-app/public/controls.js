import { byId, element, setAttributes, setText } from './dom.js';

const ICONS = {
  breaks: '<path d="M9 1L3 9h4l-1 6 7-9H9z" fill="currentColor"/>',
  heals: '<path d="M6 2h4v4h4v4h-4v4H6v-4H2V6h4z" fill="currentColor"/>',
  routine: '<path d="M13 8a5 5 0 1 1-1.6-3.7M13 1v4H9" fill="none" stroke="currentColor" stroke-width="2"/>',
};

/**
 * The buttons. What breaks a part stands beside what heals it, and says when it is in effect. A button that makes
 * no sense at the moment keeps its place and the focus, and says why when it is pressed.
 */
export class Controls {
  #tell;
  #actions = new Map();
  #isLive = false;

  /** @param tell says what was pressed, and what comes of it. */
  constructor(tell) {
    this.#tell = tell;
  }

  show(actions, isLive) {
    this.#isLive = isLive;
    for (const action of actions) {
      this.#actions.set(action.id, action);
      const button = document.querySelector(`[data-action="${action.id}"]`) ?? this.#add(action, actions);
      setAttributes(button, {
        'aria-disabled': action.available && isLive ? undefined : true,
        title: action.blockedBy,
      });
      if (action.effect === 'heals') continue;
      const row = button.closest('.control');
      row.classList.toggle('active', action.active !== undefined);
      setText(row.querySelector('.hint'), action.active ?? action.hint);
    }
  }

  #add(action, actions) {
    if (action.effect === 'heals') {
      const broken = actions.find(({ healedBy }) => healedBy === action.id);
      return document
        .querySelector(`[data-control="${broken.id}"] .remedy`)
        .appendChild(this.#button(action));
    }
    const row = element(
      'div',
      'control',
      `<p class="part"></p><p class="hint" id="hint-${action.id}"></p><div class="fault"></div><div class="remedy"></div>`,
    );
    row.dataset.control = action.id;
    setText(row.querySelector('.part'), action.part);
    if (action.effect === 'breaks' && !action.healedBy)
      row.querySelector('.remedy').append(element('span', 'by-itself', 'heals by itself'));
    byId(action.effect === 'breaks' ? 'faults' : 'routines').append(row);
    return row.querySelector('.fault').appendChild(this.#button(action));
  }

  #button({ id, verb, label, effect }) {
    const button = element(
      'button',
      `act ${effect}`,
      `<svg width="16" height="16" aria-hidden="true">${ICONS[effect]}</svg><span></span>`,
    );
    button.dataset.action = id;
    setText(button.querySelector('span'), verb);
    setAttributes(button, { 'aria-label': label, 'aria-describedby': `hint-${id}` });
    button.addEventListener('click', () => this.#press(id));
    return button;
  }

  async #press(id) {
    const { label, hint, blockedBy } = this.#actions.get(id);
    if (!this.#isLive) return this.#tell(`${label}: the gateway does not answer.`, 'bad');
    if (blockedBy) return this.#tell(`${label}: ${blockedBy}`, 'quiet');
    this.#tell(`${label}. ${hint}`, 'text');
    try {
      const { ok, status } = await fetch(`/api/actions/${id}`, { method: 'POST' });
      if (!ok)
        this.#tell(
          `${label}: ${status === 409 ? 'it makes no sense at the moment.' : `refused (${status}).`}`,
          'bad',
        );
    } catch {
      this.#tell(`${label}: the gateway does not answer.`, 'bad');
    }
  }
}
