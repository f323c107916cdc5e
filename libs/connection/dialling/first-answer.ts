import { connect } from 'node:net';

import { type Clock, inOwnContext, sleep } from '../../base/index.js';
import type { ServerPoolInternals } from '../drivers/internals.js';
import type { ConnectionOptions } from '../options.js';

/** Servers that were unreachable and may come back. */
export interface AwayServers {
  readonly pool: ServerPoolInternals;
  readonly options: Pick<ConnectionOptions, 'reconnectTimeWait' | 'tls'>;
  readonly clock: Clock;
  /** Numbers from 0 to 1 for jitter. */
  readonly random: () => number;
}

/** The approximate upper and lower bounds of the time between two checks, in ms. */
const LONGEST_PAUSE_MS = 1_000;
const SHORTEST_PAUSE_MS = 100;
/** How long a server may take to answer, in ms. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * Checks periodically whether one of the servers answers, with sockets that present nothing and are closed at once: a socket
 * that stayed open would wait for credentials that are not there, and the server closes such connections.
 * @param answered is called once.
 * @returns a function that stops the checks.
 */
export function awaitFirstAnswer(away: AwayServers, answered: () => void): () => void {
  const { clock } = away;
  const stopped = new AbortController();
  const watch = async () => {
    while (!(await oneAnswers(away, stopped.signal))) await sleep(clock, pauseMs(away), stopped.signal);
    if (!stopped.signal.aborted) answered();
  };
  // Most providers answer before the first check.
  const cancel = clock.after(pauseMs(away), () => {
    inOwnContext(() => void watch().catch(() => {}));
  });
  return () => {
    cancel();
    stopped.abort();
  };
}

function pauseMs({ options, random }: AwayServers): number {
  const { reconnectTimeWait = LONGEST_PAUSE_MS } = options;
  const pause = Math.max(SHORTEST_PAUSE_MS, Math.min(LONGEST_PAUSE_MS, reconnectTimeWait));
  // The jitter keeps a fleet that lost its server from requesting credentials in step when the server is back.
  return pause * (0.5 + random());
}

/**
 * Resolves when a server answers at this address, to a socket that presents nothing and is closed at once.
 * @throws {Error} why it does not, or that it has said nothing for `withinMs`.
 */
export async function serverAnswers(
  address: string,
  { options, clock, withinMs }: Pick<AwayServers, 'options' | 'clock'> & { readonly withinMs: number },
  stopped: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([stopped, over.signal]);
  const late = sleep(clock, withinMs, signal).then(() => {
    throw new SilentServerError(`did not answer within ${withinMs} ms`);
  });
  late.catch(() => {});
  try {
    await Promise.race([answers(address, signOf(options), signal), late]);
  } finally {
    over.abort();
  }
}

/** Nothing has come from a server in time. */
export class SilentServerError extends Error {}

/** A server that starts with the TLS handshake sends nothing before the client does. */
function signOf({ tls }: AwayServers['options']): 'connect' | 'data' {
  return (tls as { handshakeFirst?: boolean } | undefined)?.handshakeFirst ? 'connect' : 'data';
}

async function oneAnswers({ pool, options, clock }: AwayServers, stopped: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const signal = AbortSignal.any([stopped, over.signal]);
  const sign = signOf(options);
  const answer = Promise.any(pool.getServers().map((server) => answers(server.toString(), sign, signal)));
  const late = sleep(clock, ANSWER_WITHIN_MS, signal).then(() => false);
  late.catch(() => {});
  try {
    return await Promise.race([answer.then(() => true), late]);
  } catch {
    return false;
  } finally {
    over.abort();
  }
}

/** Fulfils when the socket emits `sign`, and rejects when it is closed. */
function answers(server: string, sign: 'connect' | 'data', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(`nats://${server}`);
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
    const end = () => socket.destroy();
    signal.addEventListener('abort', end, { once: true });
    socket.once(sign, () => {
      resolve();
      end();
    });
    socket.on('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', end);
      reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    });
    if (signal.aborted) end();
  });
}
