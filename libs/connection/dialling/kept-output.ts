/** How much is kept while there is no connection, in bytes: what other NATS clients keep. */
export const MOST_KEPT_BYTES = 8 * 1024 * 1024;

/** One whole line of the protocol, with its payload. */
interface ProtocolMessage {
  readonly bytes: Uint8Array;
  /** Of PUB and HPUB, headers included; absent for all else. */
  readonly payloadBytes?: number;
}

/**
 * What was published while there was no connection, in order. nats.js forgets its output at each dial; all else in it, such as
 * PING and SUB, belongs to the connection that is gone.
 */
export class KeptOutput {
  #messages: ProtocolMessage[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(private readonly mostBytes = MOST_KEPT_BYTES) {}

  /** @param written how much nats.js has in its output, in bytes. */
  isFull(written: number): boolean {
    return this.#bytes + written >= this.mostBytes;
  }

  /** A message did not fit. */
  refuse(): void {
    this.#dropped++;
  }

  /** Takes over what is published in an output of nats.js. */
  keep(output: Uint8Array): void {
    for (const message of messagesIn(output)) {
      if (message.payloadBytes === undefined) continue;
      this.#messages.push(message);
      this.#bytes += message.bytes.length;
    }
  }

  /**
   * Gives what is kept, and then `output`, without messages that are too large for the server: they would end the connection. nats.js
   * does not know the limit while it dials.
   */
  release(output: Uint8Array, maxPayload = Infinity): Uint8Array[] {
    const all = [...this.#messages, ...messagesIn(output)];
    const fit = all.filter(({ payloadBytes = 0 }) => payloadBytes <= maxPayload);
    this.#dropped += all.length - fit.length;
    this.#forget();
    return fit.map(({ bytes }) => bytes);
  }

  /** Nothing more goes out, nor what is in this output. */
  drop(output: Uint8Array): void {
    this.keep(output);
    this.#dropped += this.#messages.length;
    this.#forget();
  }

  /** How many messages were dropped since it was last asked. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #forget(): void {
    this.#messages = [];
    this.#bytes = 0;
  }
}

const LINE_FEED = 10;
const decoder = new TextDecoder();

/** Cuts an output into its messages. What cannot be read, and all behind it, is left out. */
function messagesIn(output: Uint8Array): ProtocolMessage[] {
  const messages: ProtocolMessage[] = [];
  for (let at = 0; at < output.length;) {
    const lineEnd = output.indexOf(LINE_FEED, at) + 1;
    if (lineEnd === 0) break;
    const [, payload] = /^H?PUB .* (\d+)\r\n$/.exec(decoder.decode(output.subarray(at, lineEnd))) ?? [];
    const payloadBytes = payload === undefined ? undefined : Number(payload);
    const end = payloadBytes === undefined ? lineEnd : lineEnd + payloadBytes + '\r\n'.length;
    if (end > output.length) break;
    messages.push({ bytes: output.subarray(at, end), payloadBytes });
    at = end;
  }
  return messages;
}
