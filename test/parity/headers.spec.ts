import { Controller, Inject } from '@nestjs/common';
import {
  Ctx,
  type Deserializer,
  EventPattern,
  type IncomingResponse,
  MessagePattern,
  NatsContext,
  NatsRecordBuilder,
  type OutgoingResponse,
  Payload,
  type Serializer,
} from '@nestjs/microservices';
import { headers as newHeaders, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import { outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { Journal } from './harness/run.js';

function withHeaders(data: unknown, ...entries: [string, string][]) {
  const headers = newHeaders();
  for (const [name, value] of entries) headers.append(name, value);
  return new NatsRecordBuilder<unknown>(data).setHeaders(headers).build();
}

/** Headers as one line. */
function text(headers: MsgHdrs | undefined): string {
  return headers ? [...headers].map(([name, values]) => `${name}: ${values.join(' & ')}`).join(', ') : 'none';
}

@Controller()
class Headers {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @MessagePattern('what-headers')
  whatHeaders(@Payload() data: unknown, @Ctx() context: NatsContext) {
    return { data, headers: text(context.getHeaders() as MsgHdrs | undefined) };
  }

  @EventPattern('with-headers')
  event(@Payload() data: unknown, @Ctx() context: unknown) {
    this.journal.note(
      `${JSON.stringify(data)} ${text((context as NatsContext).getHeaders() as MsgHdrs | undefined)}`,
    );
  }
}

const service = { controllers: [Headers] };

/** Answers carry headers when a serializer adds them. */
class WithHeaders implements Serializer<OutgoingResponse, { data: string; headers: MsgHdrs }> {
  serialize(packet: OutgoingResponse) {
    const headers = newHeaders();
    headers.set('x-cache', 'miss');
    return { data: JSON.stringify(packet), headers };
  }
}

/** Puts the headers of a reply beside its value: the stock deserializer drops them. */
class HeadersToo implements Deserializer<Msg, IncomingResponse> {
  deserialize(message: Msg): IncomingResponse {
    const packet = message.json<IncomingResponse>();
    return { ...packet, response: { value: packet.response as unknown, headers: text(message.headers) } };
  }
}

describe('headers', () => {
  parity('a NatsRecord carries headers to the handler, also several of one name', {
    service,
    observe: ({ client }) =>
      outcome(
        client.send(
          'what-headers',
          withHeaders({ id: 7 }, ['x-tenant', 'acme'], ['x-tag', 'a'], ['x-tag', 'b']),
        ),
      ),
    stock: '{"data":{"id":7},"headers":"x-tenant: acme, x-tag: a & b"} |',
  });

  parity('a NatsRecord carries headers to an event handler', {
    service,
    observe: async ({ client, journal }) => {
      await outcome(client.emit('with-headers', withHeaders('moved', ['x-tenant', 'acme'])));
      await eventually(() => journal.entries.length > 0, { what: 'the event' });
      return journal.entries.join();
    },
    stock: '"moved" x-tenant: acme',
  });

  parity('a NatsRecord without headers is its payload', {
    service,
    observe: ({ client }) => outcome(client.send('what-headers', new NatsRecordBuilder('bare').build())),
    stock: '{"data":"bare","headers":"none"} |',
  });

  parity("the 'headers' option goes with every message, and those of the record win", {
    service,
    clientOptions: { headers: { 'x-app': 'shop', 'x-tenant': 'default' } },
    observe: async ({ client, journal }) => {
      const plain = await outcome(client.send('what-headers', 1));
      const record = await outcome(client.send('what-headers', withHeaders(2, ['x-tenant', 'acme'])));
      await outcome(client.emit('with-headers', 3));
      await eventually(() => journal.entries.length > 0, { what: 'the event' });
      return [plain, record, ...journal.entries].join('; ');
    },
    stock:
      '{"data":1,"headers":"x-app: shop, x-tenant: default"} |; {"data":2,"headers":"x-tenant: acme, x-app: shop"} |; 3 x-app: shop, x-tenant: default',
  });

  parity('headers of a response reach a deserializer of the client', {
    service,
    serviceOptions: { serializer: new WithHeaders() },
    clientOptions: { deserializer: new HeadersToo() },
    observe: ({ client }) => outcome(client.send('what-headers', 1)),
    stock: '{"value":{"data":1,"headers":"none"},"headers":"x-cache: miss"} |',
  });
});
