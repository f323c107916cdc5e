import { createChart } from './chart.js';
import { Controls } from './controls.js';
import { byId, escapeHtml, setHtml, setText, timeOfDay } from './dom.js';
import { Happenings } from './happenings.js';
import { JournalView } from './journal.js';
import { showKept } from './kept.js';
import { listen } from './link.js';
import { Services } from './services.js';
import { Timeline } from './timeline.js';
import { describeService, headline } from './words.js';

const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
const happenings = new Happenings();
const journal = new JournalView();
const services = new Services(byId('services'));
const timeline = new Timeline(byId('timeline'));
const chart = createChart(byId('chart'));
const controls = new Controls(showEffect);

let snapshot;
let isLive = false;
/** How far the server's clock is ahead of this one, in ms. */
let ahead = 0;
const now = () => (isLive ? Date.now() + ahead : snapshot.now);

listen(
  '/api/events',
  (next, isFirst) => {
    if (isFirst) {
      happenings.clear();
      journal.clear();
    }
    snapshot = next;
    ahead = snapshot.now - Date.now();
    journal.show(snapshot.happenings, happenings.take(snapshot.happenings));
    isLive = true;
    showSnapshot();
  },
  (isConnected) => {
    isLive = isConnected && snapshot !== undefined;
    document.body.dataset.link = isLive ? 'live' : snapshot ? 'lost' : 'connecting';
    showLink();
  },
);
// A frame for each interval: what is hidden is not drawn.
let lastTick = 0;
requestAnimationFrame(function tick(time) {
  if (snapshot && time - lastTick > (isCalm.matches ? 1_000 : 200)) {
    lastTick = time;
    showTime();
  }
  requestAnimationFrame(tick);
});

/** All that a snapshot says, at once. */
function showSnapshot() {
  showInfrastructure(snapshot);
  showTotals(snapshot.traffic);
  chart.show(snapshot.traffic);
  controls.show(snapshot.actions, isLive);
  showWhatWasDone();
  const { tone, text } = headline(snapshot);
  showHeadline(tone, text);
  showTime();
}

function showTime() {
  services.show(snapshot, now(), isLive);
  showKept(snapshot, now(), isLive);
  const lanes = [...snapshot.services.map(({ name }) => name), 'traffic', 'you'];
  timeline.show(lanes, happenings, snapshot.revision, now());
  showGlance();
}

function showLink() {
  if (isLive) return;
  if (!snapshot) return showHeadline('quiet', 'The gateway does not answer yet; trying again …');
  controls.show(snapshot.actions, isLive);
  showTime();
  showHeadline(
    'bad',
    `The gateway does not answer. What you see is of ${timeOfDay(snapshot.now)}; trying again …`,
  );
}

/** Of the last action, whichever page it was started from. */
function showWhatWasDone() {
  const done = snapshot.happenings.findLast(({ kind }) => kind === 'done');
  const hint = snapshot.actions.find(({ label }) => label === done?.text)?.hint;
  if (hint) showEffect(`${timeOfDay(done.until)} ${done.text}. ${hint}`, 'text');
}

function showEffect(text, tone) {
  setText(byId('effect'), text);
  byId('effect').dataset.tone = tone;
}

function showHeadline(tone, text) {
  byId('bar').dataset.tone = tone;
  setText(byId('headline'), text);
}

function showInfrastructure({ tokenLifetimeMs, identityProvider, servers }) {
  setText(byId('lifetime'), `${tokenLifetimeMs / 1_000} s`);
  const looks = { up: 'good', 'lame duck': 'warn' };
  const pill = (name, detail, state) =>
    `<li data-tone="${looks[state] ?? 'bad'}" data-part="${escapeHtml(name)}" data-state="${state}">${escapeHtml(name)}: ${state} <small>${escapeHtml(detail)}</small></li>`;
  const { up, keyId } = identityProvider;
  const html = [
    pill('identity provider', `key ${keyId}`, up ? 'up' : 'down'),
    ...servers.map(({ name, address, state }) => pill(`NATS ${name}`, address, state)),
  ].join('');
  setHtml(byId('infrastructure'), html);
}

function showTotals(traffic) {
  for (const part of ['requests', 'answered', 'failed', 'waiting']) setText(byId(part), traffic[part]);
  byId('failed').parentElement.classList.toggle('some', traffic.failed > 0);
}

/** The services and the failures, where they are seen from every place of the page. */
function showGlance() {
  const html = snapshot.services
    .map((service) => {
      const { tone, state } = describeService(service, { ...snapshot, now: now() });
      const shown = isLive ? tone : 'quiet';
      return `<li data-tone="${shown}"><i></i>${escapeHtml(service.name)} <span class="unseen">${escapeHtml(state)}</span></li>`;
    })
    .join('');
  const { failed } = snapshot.traffic;
  const all = `${html}<li class="count" data-tone="${failed > 0 ? 'bad' : 'quiet'}">${failed} failed</li>`;
  setHtml(byId('glance'), all);
}
