import { drawTimeline, KINDS, mark } from './timeline.js';
import { createChart } from './chart.js';

const byId = (id) => document.getElementById(id);
const happenings = [];
const chart = createChart(byId('chart'));
let snapshot;
/** How far the server's clock is ahead of this one, in ms. */
let ahead = 0;

byId('legend').innerHTML = Object.entries(KINDS)
  .map(([kind, { label }]) => `<li><svg width="14" height="14">${mark(kind, 7, 7)}</svg> ${label}</li>`)
  .join('');

const events = new EventSource('/api/events');
events.addEventListener('open', () => {
  // A reconnect replays what is remembered.
  happenings.length = 0;
  byId('journal').replaceChildren();
  byId('link').textContent = 'live';
});
events.addEventListener('error', () => (byId('link').textContent = 'the gateway is gone; trying again …'));
events.addEventListener('happened', ({ data }) => {
  const happening = JSON.parse(data);
  happenings.push(happening);
  if (happenings.length > 1000) happenings.shift();
  addToJournal(happening);
});
events.addEventListener('snapshot', ({ data }) => {
  snapshot = JSON.parse(data);
  ahead = snapshot.now - Date.now();
  chart.add(snapshot.now, snapshot.traffic);
  showInfrastructure(snapshot);
  showServices(snapshot);
  showTraffic(snapshot.traffic);
  showActions(snapshot.actions);
});
setInterval(() => {
  if (!snapshot) return;
  showCountdowns();
  const lanes = [...snapshot.services.map(({ name }) => name), 'you'];
  drawTimeline(byId('timeline'), lanes, happenings, Date.now() + ahead);
}, 200);

function showInfrastructure({ tokenLifetimeMs, identityProvider, servers }) {
  byId('lifetime').textContent = `${tokenLifetimeMs / 1000} s`;
  const pill = (name, detail, state, look) =>
    `<li class="${look}" data-part="${name}" data-state="${state}">${name}: ${state} <small>${detail}</small></li>`;
  const { up, keyId } = identityProvider;
  const looks = { up: '', restarting: 'bad', 'lame duck': 'warn' };
  setHtml(
    byId('infrastructure'),
    [
      pill('identity provider', `key ${keyId}`, up ? 'up' : 'down', up ? '' : 'bad'),
      ...servers.map(({ name, address, state }) => pill(`NATS ${name}`, address, state, looks[state] ?? '')),
    ].join(''),
  );
}

function showServices({ services }) {
  const section = byId('services');
  for (const service of services) {
    const card =
      section.querySelector(`[data-service="${service.name}"]`) ?? section.appendChild(newCard(service.name));
    const show = (field, value) => (card.querySelector(`[data-field="${field}"]`).textContent = value);
    for (const field of ['refreshes', 'refreshFailures', 'rejections', 'rotations', 'reconnects'])
      show(field, service[field]);
    const connections = Object.entries(service.connections);
    const down = connections.filter(([, { state }]) => state !== 'connected');
    show('state', service.revoked ? 'revoked' : (down[0]?.[1].state ?? 'connected'));
    card.querySelector('.state').className =
      `state ${service.revoked ? 'bad' : down.length > 0 ? 'warn' : ''}`;
    show('token', `token #${service.token}`);
    show(
      'where',
      connections
        .map(([role, { state, server }]) => `${role}: ${state === 'connected' ? server : state}`)
        .join('  ·  '),
    );
    card.dataset.expiresAt = service.tokenExpiresAt ?? '';
  }
}

function newCard(name) {
  const card = document.createElement('article');
  card.className = 'card';
  card.dataset.service = name;
  const numbers = [
    ['refreshes', 'refreshes'],
    ['rotations', 'rotations'],
    ['refreshFailures', 'failures'],
    ['rejections', 'rejections'],
    ['reconnects', 'reconnects'],
  ];
  card.innerHTML = `
    <header><h3>${name}</h3><span class="state" data-field="state"></span></header>
    <p class="token"><span data-field="token"></span><span data-field="countdown"></span></p>
    <div class="bar"><div></div></div>
    <div class="numbers">${numbers.map(([field, label]) => `<div><b data-field="${field}">0</b><span>${label}</span></div>`).join('')}</div>
    <p class="where" data-field="where"></p>`;
  return card;
}

/** Runs between snapshots, so that time does not jump. */
function showCountdowns() {
  for (const card of document.querySelectorAll('[data-service]')) {
    const expiresAt = Number(card.dataset.expiresAt);
    if (!expiresAt) continue;
    const left = expiresAt - Date.now() - ahead;
    const part = Math.max(0, Math.min(1, left / snapshot.tokenLifetimeMs));
    card.querySelector('[data-field="countdown"]').textContent =
      left > 0 ? `expires in ${(left / 1000).toFixed(1)} s` : `expired ${(-left / 1000).toFixed(1)} s ago`;
    card.querySelector('.bar div').style.width = `${part * 100}%`;
    card.querySelector('.bar').className = `bar ${part === 0 ? 'bad' : part < 0.2 ? 'warn' : ''}`;
  }
}

function showTraffic({ requests, answered, failed }) {
  byId('requests').textContent = requests;
  byId('answered').textContent = answered;
  byId('failed').textContent = failed;
  byId('failed').parentElement.classList.toggle('some', failed > 0);
}

function showActions(actions) {
  const panel = byId('actions');
  for (const { id, label, hint, available } of actions) {
    let button = panel.querySelector(`[data-action="${id}"]`);
    if (!button) {
      button = document.createElement('button');
      button.dataset.action = id;
      button.innerHTML = `<b>${label}</b><small>${hint}</small>`;
      button.addEventListener('click', () => fetch(`/api/actions/${id}`, { method: 'POST' }));
      panel.append(button);
    }
    button.disabled = !available;
    // Of a pair such as stop and start, only the one that makes sense is shown.
    const opposite =
      { 'start-identity-provider': 'stop-identity-provider' }[id] ?? id.replace(/^restore-/, 'revoke-');
    if (opposite !== id) {
      button.hidden = !available;
      panel.querySelector(`[data-action="${opposite}"]`).hidden = available;
    }
  }
}

function addToJournal({ at, who, kind, text }) {
  const item = document.createElement('li');
  const cell = (tag, className, content) => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = content;
    item.append(element);
    return element;
  };
  cell('time', '', new Date(at).toLocaleTimeString([], { hour12: false }));
  cell('span', 'who', who);
  cell('span', 'kind', kind).style.color = `var(--${KINDS[kind]?.colour ?? 'bad'})`;
  cell('span', 'text', text);
  byId('journal').prepend(item);
  while (byId('journal').children.length > 100) byId('journal').lastChild.remove();
}

/** Leaves what is the same alone, so that a selection or a focus survives. */
function setHtml(element, html) {
  if (element.innerHTML !== html) element.innerHTML = html;
}
