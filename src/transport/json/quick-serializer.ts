import { NatsRecord, type Serializer } from '@nestjs/microservices';

interface Packet {
  readonly data?: unknown;
  readonly headers?: unknown;
}

/**
 * Writes the same JSON as `stock`, NestJS's serializer for NATS, in a fraction of the time: that copies each packet into an object
 * literal, of which V8 makes JSON at half its speed or less, and leaves the text to a `TextEncoder`. What is not a mere packet, or cannot be
 * JSON, is left to `stock`, for its result or its error.
 */
export function quickSerializer<T extends object>(stock: Serializer<T>): Serializer<T> {
  return {
    serialize(packet): unknown {
      const { data, headers } = packet as Packet;
      if (data instanceof NatsRecord || headers !== undefined) return stock.serialize(packet);
      const json = jsonOf(packet);
      return json === undefined ? stock.serialize(packet) : { data: Buffer.from(json), headers };
    },
  };
}

function jsonOf(packet: object): string | undefined {
  try {
    return JSON.stringify(packet);
  } catch {
    return undefined;
  }
}
