/** How much is buffered while disconnected, in bytes: as much as in other NATS clients. */
export const MOST_KEPT_BYTES = 8 * 1024 * 1024;

/** One whole line of the protocol, with its payload. */
interface ProtocolMessage {
  readonly bytes: Uint8Array;
  /** The size for PUB and HPUB, headers included; absent for everything else. */
  readonly payloadBytes?: number;
}

/**
 * Messages that were published while disconnected, in order. nats.js discards its output at each dial; everything else in
 * that output, such as PING and SUB, belongs to the lost connection.
 */
export class KeptOutput {
  #messages: ProtocolMessage[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(private readonly mostBytes = MOST_KEPT_BYTES) {}

  /** @param written the size of the output that nats.js has buffered, in bytes. */
  isFull(written: number): boolean {
    return this.#bytes + written >= this.mostBytes;
  }

  /** Counts a message that did not fit as dropped. */
  refuse(): void {
    this.#dropped++;
  }

  /** Takes over the published messages in an output of nats.js. */
  keep(output: Uint8Array): void {
    for (const message of messagesIn(output)) {
      if (message.payloadBytes === undefined) continue;
      this.#messages.push(message);
      this.#bytes += message.bytes.length;
    }
  }

  /**
   * Returns what is buffered, followed by `output`, without messages that are too large for the server: they would end the
   * connection. nats.js does not know the limit while it dials.
   */
  release(output: Uint8Array, maxPayload = Infinity): Uint8Array[] {
    const all = [...this.#messages, ...messagesIn(output)];
    const fit = all.filter(({ payloadBytes = 0 }) => payloadBytes <= maxPayload);
    this.#dropped += all.length - fit.length;
    this.#forget();
    return fit.map(({ bytes }) => bytes);
  }

  /** Drops everything that is buffered, and this output. */
  drop(output: Uint8Array): void {
    this.keep(output);
    this.#dropped += this.#messages.length;
    this.#forget();
  }

  /** The number of messages that were dropped since the last call. */
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

/** Splits an output into its messages. Anything that cannot be parsed, and all that follows it, is left out. */
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
