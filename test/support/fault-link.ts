import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

/**
 * When a connection breaks: as it is accepted; once the client has the server's INFO; when it has sent its CONNECT,
 * which the server never sees; once it has the first PONG, which accepts CONNECT; when it has half of a message.
 */
export type Step = 'accept' | 'info' | 'connect' | 'pong' | 'message';

/**
 * How a connection breaks: `reset` (RST), `end` (FIN), `stall` (both sides stay open and nothing arrives), `halfOpen`
 * (the server's side is gone and nobody tells the client).
 */
export type Breakage = 'reset' | 'end' | 'stall' | 'halfOpen';

export interface Pace {
  /** Time that each piece of data is on its way, in ms. */
  readonly latencyMs?: number;
  /** Each byte is sent by itself. */
  readonly byteAtATime?: boolean;
}

/** What happens to connections that are accepted from now on. */
export interface Treatment {
  /** Breaks a connection at a step of the protocol. */
  readonly breaks?: { readonly at: Step; readonly how: Breakage };
  /** Gives the client something else than the server's first bytes, which are its INFO. */
  readonly rewriteInfo?: (info: string) => string;
  readonly pace?: Pace;
}

/** What a link does with what it is sent; it breaks at most once, and only while it passes that on. */
type State =
  | { readonly does: 'pass'; readonly breaks?: Treatment['breaks'] }
  | { readonly does: 'hold' }
  | { readonly does: 'drop' };

/** One connection through a fault proxy. */
export class FaultLink {
  #state: State;
  #sentInfo = false;
  readonly #stopPacing = new AbortController();
  #toClient: Promise<void> = Promise.resolve();
  #toServer: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly treatment: Treatment,
    onEnd: () => void,
  ) {
    this.#state = { does: 'pass', breaks: treatment.breaks };
    // One for each piece of data that is on its way.
    setMaxListeners(0, this.#stopPacing.signal);
    client.setNoDelay(true);
    client.on('error', () => undefined);
    // What the server said before it hung up still arrives.
    server.on('error', () => void this.#toClient.then(() => client.destroySoon()));
    client.on('data', (chunk) => this.#fromClient(chunk));
    server.on('data', (chunk) => this.#fromServer(chunk));
    server.on('close', () => {
      if (this.#state.does !== 'drop') void this.#toClient.then(() => client.end());
    });
    client.on('close', () => {
      this.#stopPacing.abort();
      // What was on its way when the client ended the connection still arrives.
      if (client.readableEnded) void this.#toServer.then(() => server.destroySoon());
      else server.destroy();
      onEnd();
    });
    this.#reached('accept');
  }

  break(how: Breakage): void {
    if (how === 'reset') {
      // A socket that is ending cannot be reset: Node.js would lose it without closing it.
      if (this.client.writableEnded) this.client.destroy();
      else this.client.resetAndDestroy();
    }
    if (how === 'end') this.client.end();
    if (how === 'stall') this.#hold();
    if (how === 'halfOpen') {
      this.#letGo({ does: 'drop' });
      this.server.destroy();
    }
  }

  inject(bytes: string): void {
    this.client.write(bytes);
  }

  /** One whose other side is gone stays as it is: only the client's own pings can tell. */
  heal(): void {
    // Without its step: who has not come to it yet would break with nobody left to heal it.
    if (this.#state.does !== 'drop') this.#letGo({ does: 'pass' });
  }

  #fromClient(chunk: Buffer): void {
    if (this.#state.does === 'drop') return;
    if (this.#awaits('connect') && chunk.includes('CONNECT ')) return this.#reached('connect');
    this.#toServer = this.#pass(this.#toServer, this.server, chunk);
  }

  #fromServer(chunk: Buffer): void {
    if (this.#state.does === 'drop') return;
    const { rewriteInfo } = this.treatment;
    const first = !this.#sentInfo;
    this.#sentInfo = true;
    let bytes: Uint8Array = chunk;
    if (first && rewriteInfo) bytes = Buffer.from(rewriteInfo(chunk.toString('latin1')), 'latin1');
    const cutAt = this.#awaits('message') ? middleOfMessage(chunk) : undefined;
    if (cutAt !== undefined) bytes = chunk.subarray(0, cutAt);
    this.#toClient = this.#pass(this.#toClient, this.client, bytes);
    if (first) this.#reachedAfterWrite('info');
    if (chunk.includes('PONG\r\n')) this.#reachedAfterWrite('pong');
    if (cutAt !== undefined) this.#reachedAfterWrite('message');
  }

  #awaits(step: Step): boolean {
    return this.#state.does === 'pass' && this.#state.breaks?.at === step;
  }

  #reachedAfterWrite(step: Step): void {
    if (this.#awaits(step)) void this.#toClient.then(() => this.#reached(step));
  }

  #reached(step: Step): void {
    if (this.#state.does !== 'pass' || this.#state.breaks?.at !== step) return;
    const { how } = this.#state.breaks;
    this.#state = { does: 'pass' };
    this.break(how);
  }

  /** Writes after what is on its way already. */
  async #pass(before: Promise<void>, to: Socket, bytes: Uint8Array): Promise<void> {
    const { latencyMs, byteAtATime } = this.treatment.pace ?? {};
    const { signal } = this.#stopPacing;
    // It begins at once: latency adds no time for each piece that is on its way before this one.
    if (latencyMs) await pause(latencyMs, undefined, { signal }).catch(() => undefined);
    await before;
    if (!byteAtATime) return write(to, bytes);
    for (const byte of bytes) {
      if (signal.aborted) return;
      write(to, Uint8Array.of(byte));
      await nextTurn();
    }
  }

  #hold(): void {
    if (this.#state.does !== 'pass') return;
    this.#state = { does: 'hold' };
    for (const socket of [this.client, this.server]) socket.pause();
  }

  #letGo(state: State): void {
    const held = this.#state.does === 'hold';
    this.#state = state;
    if (held) for (const socket of [this.client, this.server]) socket.resume();
  }
}

function write(socket: Socket, bytes: Uint8Array): void {
  if (socket.writable) socket.write(bytes);
}

/** Where to cut a chunk so that the client has half of its first message; `undefined` when there is none in it. */
function middleOfMessage(chunk: Buffer): number | undefined {
  const at = chunk.indexOf('MSG ');
  return at < 0 ? undefined : at + Math.ceil((chunk.length - at) / 2);
}
