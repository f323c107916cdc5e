/** NestJS's deserializers of JSON: of requests, and of responses. */
interface StockDeserializer {
  deserialize(value: unknown, options?: object): unknown;
  /** Whether this is not a packet of NestJS. */
  isExternal(decoded: unknown): boolean;
  mapToSchema(decoded: unknown, options?: object): unknown;
}

/**
 * Reads what `stock` reads, and gives no promise, so that nobody has to await what is there. What is no JSON, also for a byte order mark,
 * is left to `stock`, for its result or its error.
 */
export class QuickDeserializer {
  constructor(private readonly stock: StockDeserializer) {}

  deserialize(value: unknown, options?: object): unknown {
    let decoded: unknown;
    try {
      decoded = JSON.parse(textOf(payloadOf(value as Message | Uint8Array)));
    } catch {
      return this.stock.deserialize(value, options);
    }
    return this.stock.isExternal(decoded) ? this.stock.mapToSchema(decoded, options) : decoded;
  }
}

/** One for `stock`, in its type. */
export function quickDeserializer<T extends object>(stock: T): T {
  return new QuickDeserializer(stock as unknown as StockDeserializer) as unknown as T;
}

interface Message {
  readonly data: Uint8Array;
}

/** NestJS 11 gives its deserializers the payload, 12 the message. */
function payloadOf(value: Message | Uint8Array): Uint8Array {
  return value instanceof Uint8Array ? value : value.data;
}

function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString();
}
