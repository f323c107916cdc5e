import { byId, escapeHtml, setHtml, setText } from './dom.js';
import { MARKS } from './marks.js';
import { ago, describeOrders, describePrices } from './words.js';

/** What JetStream keeps: orders and prices. `now` runs between snapshots, so that ages do not jump. */
export function showKept({ orders, prices }, now, isLive) {
  const orderCard = byId('orders');
  for (const name of ['stored', 'read', 'lost', 'twice']) {
    const number = orderCard.querySelector(`[data-field="${name}"]`);
    setText(number, orders[name]);
    number.parentElement.classList.toggle('some', (name === 'lost' || name === 'twice') && orders[name] > 0);
  }
  showState(orderCard, describeOrders(orders), isLive);

  const priceCard = byId('prices');
  const rows = prices.prices.map(
    ({ article, cents, revision, at }) =>
      `<li><span title="${escapeHtml(article)}">${escapeHtml(article)}</span> <b>${(cents / 100).toFixed(2)}</b> <small>revision ${revision}</small> <small>${ago(now - at)}</small></li>`,
  );
  setHtml(priceCard.querySelector('.prices'), rows.join(''));
  showState(priceCard, describePrices(prices, now), isLive);
}

function showState(card, { state, tone, note }, isLive) {
  const target = card.querySelector('.state');
  const shownTone = isLive ? tone : 'quiet';
  target.dataset.tone = shownTone;
  setText(target.querySelector('i'), MARKS[shownTone]);
  setText(target.querySelector('span'), isLive ? state : `last seen: ${state}`);
  setText(card.querySelector('.note'), note);
}
