// What the page says about a snapshot. Pure functions: words and colours come from the same facts of the same moment.

/** For so long it is said that a server is back. */
const BACK_MS = 5_000;
/** Half a second of orders. */
const UNDER_WAY = 10;
/** Prices that change each second are not live after so long. */
const STALE_MS = 4_000;

const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;
const list = (names) => names.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** How a service is, in words that agree with their tone: `good`, `warn`, `bad`. */
export function describeService(service, { now, tokenLifetimeMs, sessionGraceMs }) {
  const left = service.tokenExpiresAt === undefined ? undefined : service.tokenExpiresAt - now;
  const token = describeToken(service.token, left, tokenLifetimeMs);
  const states = Object.values(service.connections).map(({ state }) => state);
  const down = states.filter((state) => state !== 'connected');
  const isCutOff = down.length === states.length;
  const failures = service.failuresInARow;
  const failed = `${failures} ${failures === 1 ? 'refresh has' : 'refreshes have'} failed`;

  if (service.revoked)
    return {
      ...token,
      state: 'revoked',
      tone: 'bad',
      note: isCutOff
        ? 'Neither the identity provider nor NATS admits it, until it is restored.'
        : 'Its connections are being ended.',
    };
  if (states.length === 0)
    return { ...token, state: 'starting', tone: 'quiet', note: 'It has no connection yet.' };
  if (down.length > 0)
    return {
      ...token,
      state: down[0],
      tone: isCutOff ? 'bad' : 'warn',
      note: service.trouble ?? 'It dials again by itself; what is sent waits for the connection.',
    };
  if (left !== undefined && left <= 0) {
    const session = left + sessionGraceMs;
    return {
      ...token,
      state: 'connected, token expired',
      tone: 'warn',
      sessionPart: Math.max(0, Math.min(1, session / sessionGraceMs)),
      note:
        session > 0
          ? `Still connected: NATS lets a session outlive its token by ${sessionGraceMs / 1_000} s. It ends in ${seconds(session)}.`
          : 'Its session is over; the server is about to end the connection.',
    };
  }
  if (failures > 0)
    return {
      ...token,
      state: 'connected, not renewed',
      tone: 'warn',
      note: `${failed}; it goes on with the token that it holds, and tries again.`,
    };
  return {
    ...token,
    state: 'connected',
    tone: 'good',
    note: 'Its token is valid; it rotates ahead of the expiry.',
  };
}

function describeToken(number, left, tokenLifetimeMs) {
  const token = `token #${number}`;
  if (left === undefined)
    return { token: number > 0 ? `last ${token}` : 'no token yet', countdown: 'none in use', part: 0 };
  const part = Math.max(0, Math.min(1, left / tokenLifetimeMs));
  return {
    token,
    part,
    countdown: left > 0 ? `expires in ${seconds(left)}` : `expired ${seconds(-left)} ago`,
  };
}

/** What became of the orders, in words that agree with their tone. A few are under way at every moment. */
export function describeOrders({ placed, stored, read, lost, twice, redelivered }) {
  const unconfirmed = placed - stored;
  const unread = Math.max(0, stored - read - lost);
  const again = `${redelivered} delivered again after a lost acknowledgement`;
  if (lost > 0 || twice > 0)
    return {
      state: [lost > 0 && 'orders lost', twice > 0 && 'orders twice'].filter(Boolean).join(', '),
      tone: 'bad',
      note: `This must not happen. Beside them, ${again}, as it should be.`,
    };
  if (unconfirmed > UNDER_WAY || unread > UNDER_WAY)
    return {
      state: unconfirmed > UNDER_WAY ? 'waiting for NATS' : 'reading on',
      tone: 'warn',
      note: `${unconfirmed} wait for a confirmation and are sent again under the same number until it comes; ${unread} wait to be read.`,
    };
  if (placed === 0) return { state: 'no order yet', tone: 'quiet', note: 'Each request places one.' };
  return { state: 'each once', tone: 'good', note: `Confirmed by NATS, read, acknowledged; ${again}.` };
}

/** Whether the watch goes on, in words that agree with their tone. */
export function describePrices({ revision, missed, prices }, now) {
  if (prices.length === 0)
    return { state: 'no price yet', tone: 'quiet', note: 'The watch has heard nothing.' };
  const age = now - Math.max(...prices.map(({ at }) => at));
  const isLive = age < STALE_MS;
  const note = `Revision ${revision}; ${missed || 'none'} missed since the start. One price changes each second.`;
  if (missed > 0) return { state: isLive ? 'live, revisions missed' : 'revisions missed', tone: 'bad', note };
  return isLive ? { state: 'live', tone: 'good', note } : { state: 'no news', tone: 'warn', note };
}

/** How long ago something was, by clocks that differ a little. */
export const ago = (ms) => `${seconds(Math.max(0, ms))} ago`;

/** How the whole system is, the worst first, without numbers that run: it is read aloud when it changes. */
export function headline(snapshot) {
  const { services, identityProvider, servers, traffic, orders, prices, now } = snapshot;
  const told = [];
  const say = (tone, text) => told.push({ tone, text });
  const names = (which) => list(services.filter(which).map(({ name }) => name));
  const isDown = ({ revoked, connections }) =>
    !revoked && Object.values(connections).some(({ state }) => state !== 'connected');
  const isExpired = (service) => !service.revoked && !isDown(service) && service.tokenExpiresAt <= now;

  const revoked = names((service) => service.revoked);
  if (revoked) say('bad', `Revoked: ${revoked}.`);
  // Requests are given up after five seconds.
  const failsNow = traffic.seconds.some(([at, , , failed]) => failed > 0 && now - at < 6_000);
  if (failsNow) say('bad', 'Requests failed just now.');
  const down = names(isDown);
  if (down) say('bad', `Not connected: ${down}.`);
  if (orders.lost > 0) say('bad', 'Orders were lost.');
  if (orders.twice > 0) say('bad', 'Orders came twice.');
  if (prices.missed > 0) say('bad', 'Prices were missed.');
  if (!identityProvider.up) {
    const expired = names(isExpired);
    say(
      'warn',
      expired
        ? `The identity provider is stopped. Token expired, session goes on: ${expired}.`
        : 'The identity provider is stopped; services go on with the tokens that they hold.',
    );
  }
  for (const { name, state } of servers) if (state !== 'up') say('warn', `NATS ${name}: ${state}.`);
  const failing = names(({ revoked, failuresInARow }) => !revoked && failuresInARow > 0);
  if (failing && identityProvider.up) say('warn', `Not renewed: ${failing}.`);
  if (told.length === 0) say('good', 'All services are connected, and requests are answered.');
  // A restart may be over before it is seen.
  for (const { name, state, backSince } of servers)
    if (state === 'up' && now - backSince < BACK_MS) say('good', `NATS ${name} is back.`);
  return { tone: told[0].tone, text: told.map(({ text }) => text).join(' ') };
}
