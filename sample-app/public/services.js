import { element, setText } from './dom.js';
import { MARKS } from './marks.js';
import { describeService } from './words.js';

const NUMBERS = {
  refreshes: 'refreshes',
  rotations: 'rotations',
  refreshFailures: 'failures',
  rejections: 'rejections',
  reconnects: 'reconnects',
};

/** One card for each service. */
export class Services {
  #target;
  #cards = new Map();

  constructor(target) {
    this.#target = target;
  }

  /** @param now runs between snapshots, so that countdowns do not jump; as long as none comes, it stands still. */
  show(snapshot, now, isLive) {
    for (const service of snapshot.services) {
      const card = this.#cards.get(service.name) ?? this.#add(service.name);
      const field = (name) => card.querySelector(`[data-field="${name}"]`);
      const { state, tone, note, token, countdown, part, sessionPart } = describeService(service, {
        ...snapshot,
        now,
      });
      const shownTone = isLive ? tone : 'quiet';
      setText(field('state'), isLive ? state : `last seen ${state}`);
      card.querySelector('.state').dataset.tone = shownTone;
      setText(card.querySelector('.state i'), MARKS[shownTone]);
      setText(field('token'), token);
      setText(field('countdown'), countdown);
      setText(field('note'), note);
      const meter = card.querySelector('.meter');
      meter.dataset.tone = sessionPart === undefined ? shownTone : 'session';
      meter.firstChild.style.width = `${(sessionPart ?? part) * 100}%`;
      for (const name of Object.keys(NUMBERS)) setText(field(name), service[name]);
      const places = Object.entries(service.connections).map(
        ([role, { state, server }]) => `${role}: ${state === 'connected' ? server : state}`,
      );
      setText(field('where'), places.join('  ·  ') || 'no connection');
    }
  }

  #add(name) {
    this.#target.querySelector('.placeholder')?.remove();
    const numbers = Object.entries(NUMBERS).map(
      ([field, label]) => `<div><dd data-field="${field}">0</dd><dt>${label}</dt></div>`,
    );
    const card = element(
      'article',
      'card',
      `<header><h2></h2><span class="state"><i aria-hidden="true"></i> <span data-field="state"></span></span></header>
      <p class="token"><span data-field="token"></span><span data-field="countdown"></span></p>
      <div class="meter"><div></div></div>
      <p class="note" data-field="note"></p>
      <dl class="numbers">${numbers.join('')}</dl>
      <p class="where" data-field="where"></p>`,
    );
    card.dataset.service = name;
    const title = card.querySelector('h2');
    title.textContent = title.title = name;
    this.#cards.set(name, card);
    this.#target.append(card);
    return card;
  }
}
