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

/** One connection through a fault proxy. */
export class FaultLink {
  #stalled = false;
  #silent = false;
  #pendingStep?: Step;
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
    this.#pendingStep = treatment.breaks?.at;
    // One for each piece of data that is on its way.
    setMaxListeners(0, this.#stopPacing.signal);
    client.setNoDelay(true);
    client.on('error', () => undefined);
    // What the server said before it hung up still arrives.
    server.on('error', () => void this.#toClient.then(() => client.destroySoon()));
    client.on('data', (chunk) => this.#fromClient(chunk));
    server.on('data', (chunk) => this.#fromServer(chunk));
    server.on('close', () => {
      if (!this.#silent) void this.#toClient.then(() => client.end());
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
    if (how === 'stall') this.#stall(true);
    if (how === 'halfOpen') {
      this.#silent = true;
      this.server.destroy();
    }
  }

  inject(bytes: string): void {
    this.client.write(bytes);
  }

  heal(): void {
    // One that has not come to its step yet would break with nobody left to heal it.
    this.#pendingStep = undefined;
    this.#stall(false);
    // A connection whose other side is gone stays as it is: only the client's own pings can tell.
  }

  #fromClient(chunk: Buffer): void {
    if (this.#silent) return;
    if (this.#pendingStep === 'connect' && chunk.includes('CONNECT ')) return this.#reached('connect');
    this.#toServer = this.#pass(this.#toServer, this.server, chunk);
  }

  #fromServer(chunk: Buffer): void {
    if (this.#silent) return;
    const { rewriteInfo } = this.treatment;
    const first = !this.#sentInfo;
    this.#sentInfo = true;
    let bytes: Uint8Array = chunk;
    if (first && rewriteInfo) bytes = Buffer.from(rewriteInfo(chunk.toString('latin1')), 'latin1');
    const cutAt = this.#pendingStep === 'message' ? middleOfMessage(chunk) : undefined;
    if (cutAt !== undefined) bytes = chunk.subarray(0, cutAt);
    this.#toClient = this.#pass(this.#toClient, this.client, bytes);
    if (first) this.#reachedAfterWrite('info');
    if (chunk.includes('PONG\r\n')) this.#reachedAfterWrite('pong');
    if (cutAt !== undefined) this.#reachedAfterWrite('message');
  }

  #reachedAfterWrite(step: Step): void {
    if (this.#pendingStep === step) void this.#toClient.then(() => this.#reached(step));
  }

  #reached(step: Step): void {
    const { breaks } = this.treatment;
    if (this.#pendingStep !== step || !breaks) return;
    this.#pendingStep = undefined;
    this.break(breaks.how);
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

  #stall(held: boolean): void {
    if (this.#stalled === held) return;
    this.#stalled = held;
    for (const socket of [this.client, this.server]) {
      if (held) socket.pause();
      else socket.resume();
    }
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
