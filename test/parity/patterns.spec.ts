import { Controller, Inject, Injectable, Scope } from '@nestjs/common';
import { CONTEXT, Ctx, MessagePattern, NatsContext, Payload, Transport } from '@nestjs/microservices';
import { describe } from 'vitest';

import { answer, outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';

@Controller()
class Patterns {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((a, b) => a + b, 0);
  }

  @MessagePattern({ cmd: 'sum', of: { kind: 'numbers' } })
  sumByObject(@Payload() numbers: number[]) {
    return this.sum(numbers);
  }

  @MessagePattern(42)
  byNumber() {
    return 'forty-two';
  }

  @MessagePattern(['first', 'second'])
  severalPatterns(@Ctx() context: NatsContext) {
    return context.getSubject();
  }

  @MessagePattern('orders.*.get')
  oneToken(@Ctx() context: NatsContext) {
    return `* ${context.getSubject()}`;
  }

  @MessagePattern('logs.>')
  anyTokens(@Ctx() context: NatsContext) {
    return `> ${context.getSubject()}`;
  }

  @MessagePattern('for-nats', Transport.NATS)
  forNats() {
    return 'NATS';
  }

  @MessagePattern('for-tcp', Transport.TCP)
  forTcp() {
    return 'TCP';
  }

  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('context')
  context(@Ctx() context: NatsContext) {
    const headers: unknown = context.getHeaders();
    const args = context.getArgs().length;
    return {
      of: context.constructor.name,
      subject: context.getSubject(),
      headers: headers === undefined ? 'none' : 'some',
      args,
    };
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestScoped {
  constructor(
    @Inject(CONTEXT) readonly request: { getPattern?: () => string; pattern: unknown; data: unknown },
  ) {}
}

@Controller()
class RequestScopedController {
  constructor(@Inject(RequestScoped) private readonly scoped: RequestScoped) {}

  @MessagePattern('scoped')
  scopedHandler() {
    const { pattern, data } = this.scoped.request;
    return { pattern, data };
  }
}

const service = { controllers: [Patterns, RequestScopedController], providers: [RequestScoped] };

describe('message patterns', () => {
  parity('a string pattern reaches its handler', {
    service,
    observe: ({ client }) => outcome(client.send('sum', [1, 2, 3])),
    stock: '6 |',
  });

  parity('an object pattern reaches its handler, whatever the order of its keys', {
    service,
    observe: ({ client }) => outcome(client.send({ of: { kind: 'numbers' }, cmd: 'sum' }, [4, 5])),
    stock: '9 |',
  });

  parity('a number is a pattern', {
    service,
    observe: ({ client }) => outcome(client.send(42, {})),
    stock: '"forty-two" |',
  });

  parity('a handler with several patterns hears each of them', {
    service,
    observe: async ({ client }) =>
      `${await outcome(client.send('first', {}))}, ${await outcome(client.send('second', {}))}`,
    stock: '"first" |, "second" |',
  });

  parity('wildcards match one token or several, and the context tells the subject', {
    service,
    observe: async ({ client }) =>
      `${await outcome(client.send('orders.7.get', {}))}, ${await outcome(client.send('logs.a.b', {}))}`,
    stock: '"* orders.7.get" |, "> logs.a.b" |',
  });

  parity('a handler for Transport.NATS is bound, one for Transport.TCP is not', {
    service,
    observe: async ({ client }) =>
      `${await outcome(client.send('for-nats', {}))}, ${await outcome(client.send('for-tcp', {}))}`,
    stock:
      '"NATS" |, EmptyResponseException: Empty response. There are no subscribers listening to that message ("for-tcp")',
  });

  parity('payloads of every kind go there and back', {
    service,
    observe: async ({ client }) => {
      const payloads = [0, '', false, [], {}, 'Grüße ✓', [null, { deep: [1.5] }], new Date(0)];
      const answers = await Promise.all(
        payloads.map((payload) => answer(client.send<unknown>('echo', payload))),
      );
      return JSON.stringify(answers);
    },
    stock: '[0,"",false,[],{},"Grüße ✓",[null,{"deep":[1.5]}],"1970-01-01T00:00:00.000Z"]',
  });

  parity('a payload of half a megabyte goes there and back', {
    service,
    observe: async ({ client }) => {
      const echoed = await answer(client.send<string, string>('echo', 'x'.repeat(512 * 1024)));
      return String(echoed.length);
    },
    stock: '524288',
  });

  parity('NatsContext has the subject, and no headers when none were sent', {
    service,
    observe: ({ client }) => outcome(client.send('context', {})),
    stock: '{"of":"NatsContext","subject":"context","headers":"none","args":2} |',
  });

  parity('a request-scoped provider sees the pattern and the payload', {
    service,
    observe: ({ client }) => outcome(client.send('scoped', { a: 1 })),
    stock: '{"pattern":"scoped","data":{"a":1}} |',
  });

  parity('a hundred requests at once get each its own answer', {
    service,
    observe: async ({ client }) => {
      const numbers = Array.from({ length: 100 }, (_, n) => n);
      const answers = await Promise.all(numbers.map((n) => answer(client.send<number>('echo', n))));
      return answers.every((answer, n) => answer === n) ? 'each its own' : 'mixed up';
    },
    stock: 'each its own',
  });
});
