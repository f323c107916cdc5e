import { Controller, Inject } from '@nestjs/common';
import {
  type Deserializer,
  EventPattern,
  type IncomingRequest,
  type IncomingResponse,
  MessagePattern,
  type OutgoingResponse,
  Payload,
  type ReadPacket,
  type Serializer,
} from '@nestjs/microservices';
import type { Msg } from '@nats-io/transport-node';
import { eventually } from 'nestjs-nats-auth/testing';
import { of } from 'rxjs';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { Journal } from './harness/run.js';

interface Serialized {
  readonly data: string;
}

/** Packets turned around, which no stock peer understands. */
class BackwardsSerializer implements Serializer<ReadPacket | OutgoingResponse, Serialized> {
  serialize(packet: ReadPacket | OutgoingResponse): Serialized {
    return { data: backwards(JSON.stringify(packet)) };
  }
}

class BackwardsRequests implements Deserializer<Msg, IncomingRequest> {
  deserialize(message: Msg, options?: { channel: string; replyTo: string }): IncomingRequest {
    const request = JSON.parse(backwards(message.string())) as IncomingRequest;
    const replyTo = options?.replyTo ? 'a reply' : 'none';
    return { ...request, data: { sent: request.data as unknown, channel: options?.channel, replyTo } };
  }
}

/** A deserializer may take its time. */
class BackwardsResponses implements Deserializer<Msg, Promise<IncomingResponse>> {
  async deserialize(message: Msg): Promise<IncomingResponse> {
    await Promise.resolve();
    return JSON.parse(backwards(message.string())) as IncomingResponse;
  }
}

/** Serializers of events may take their time; those of requests may not. */
class SlowSerializer implements Serializer<ReadPacket, Promise<Serialized>> {
  async serialize(packet: ReadPacket): Promise<Serialized> {
    await Promise.resolve();
    return { data: JSON.stringify(packet) };
  }
}

/** Some serializers load what they need before the client connects. */
class CountingSerializer extends BackwardsSerializer {
  initialized = 0;

  init(): void {
    this.initialized++;
  }

  override serialize(packet: ReadPacket): Serialized {
    return { data: JSON.stringify({ ...packet, data: { initialized: this.initialized } }) };
  }
}

class BrokenSerializer implements Serializer {
  serialize(): never {
    throw new Error('broken serializer');
  }
}

class BrokenDeserializer implements Deserializer {
  deserialize(): never {
    throw new Error('broken deserializer');
  }
}

@Controller()
class Echo {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('stream')
  stream() {
    return of(1, 2);
  }

  @EventPattern('event')
  event(@Payload() data: unknown) {
    this.journal.note(JSON.stringify(data));
  }
}

const service = { controllers: [Echo] };

function backwards(text: string): string {
  return Array.from(text).reverse().join('');
}

describe('custom serializers and deserializers', () => {
  parity('of requests and events: the client serializes, the service deserializes', {
    service,
    clientOptions: { serializer: new BackwardsSerializer() },
    serviceOptions: { deserializer: new BackwardsRequests() },
    observe: async ({ client, journal }) => {
      const answer = await outcome(client.send('echo', 'hello'));
      await outcome(client.emit('event', 'hello'));
      await eventually(() => journal.entries.length > 0, { what: 'the event' });
      return [answer, ...journal.entries].join('; ');
    },
    stock:
      '{"sent":"hello","channel":"echo","replyTo":"a reply"} |; {"sent":"hello","channel":"event","replyTo":"none"}',
  });

  parity('of responses: the service serializes, the client deserializes, at its leisure', {
    service,
    clientOptions: { deserializer: new BackwardsResponses() },
    serviceOptions: { serializer: new BackwardsSerializer() },
    observe: async ({ client }) =>
      `${await outcome(client.send('echo', 'hello'))}; ${await outcome(client.send('stream', {}))}`,
    stock: '"hello" |; 1 2 |',
  });

  parity('a serializer of events may be asynchronous', {
    service,
    clientOptions: { serializer: new SlowSerializer() as unknown as Serializer },
    observe: async ({ client, journal }) => {
      await outcome(client.emit('event', 'slow'));
      await eventually(() => journal.entries.length > 0, { what: 'the event' });
      return journal.entries.join();
    },
    stock: '"slow"',
  });

  parity('a serializer that throws fails its call', {
    service,
    clientOptions: { serializer: new BrokenSerializer() },
    observe: async ({ client }) =>
      `${await outcome(client.send('echo', 1))}; ${await outcome(client.emit('event', 1))}`,
    stock: 'Error: broken serializer; Error: broken serializer',
  });

  parity("a service's serializer that throws leaves the caller without an answer", {
    service,
    serviceOptions: { serializer: new BrokenSerializer() },
    observe: ({ client }) => outcome(client.send('echo', 1), 50),
    stock: 'TimeoutError',
  });

  parity("a request that the service's deserializer throws at", {
    service,
    serviceOptions: { deserializer: new BrokenDeserializer() },
    observe: ({ client }) => outcome(client.send('echo', 1)),
    stock: 'TimeoutError',
    difference: DIFFERENCES.brokenDeserializer,
  });

  parity("a serializer's init() is called before the first message, and once", {
    service,
    clientOptions: () => ({ serializer: new CountingSerializer() }),
    observe: async ({ client }) =>
      `${await outcome(client.send('echo', 1))}; ${await outcome(client.send('echo', 2))}`,
    stock: '{"initialized":1} |; {"initialized":1} |',
  });
});
