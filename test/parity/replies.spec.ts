import { AsyncLocalStorage } from 'node:async_hooks';

import {
  type CallHandler,
  Catch,
  Controller,
  type ExecutionContext,
  Inject,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import {
  Ctx,
  MessagePattern,
  NatsContext,
  NatsRecordBuilder,
  type OutgoingResponse,
  Payload,
  RpcException,
  type Serializer,
  type Server,
} from '@nestjs/microservices';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { eventually } from 'nestjs-nats-auth/testing';
import { EMPTY, map, Observable, of, throwError } from 'rxjs';
import { describe } from 'vitest';

import { outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { Journal, type Run } from './harness/run.js';

const userOf = new AsyncLocalStorage<string>();

class Mapping {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((value) => ({ mapped: value as unknown })));
  }
}

class Replacing {
  intercept() {
    return of('instead', 'of it');
  }
}

@Catch()
class Answering {
  catch(error: Error) {
    return of(`caught ${error.message}`);
  }
}

@Catch()
class Broken {
  catch() {
    throw new Error('of the filter');
  }
}

/** A handler for each kind of result. */
@Controller()
class Results {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @MessagePattern('value')
  value(@Payload() data: unknown) {
    this.journal.note('handler');
    return data;
  }

  @MessagePattern('nothing')
  nothing() {
    return null;
  }

  @MessagePattern('undefined')
  undefined() {
    return undefined;
  }

  @MessagePattern('promise')
  async promise() {
    await Promise.resolve();
    this.journal.note('handler');
    return 1;
  }

  @MessagePattern('thenable')
  thenable() {
    return { then: (resolve: (value: unknown) => void) => resolve('then') };
  }

  @MessagePattern('stream')
  stream() {
    this.journal.note('handler');
    return of(1, 2);
  }

  @MessagePattern('promise.of.stream')
  promiseOfStream() {
    return Promise.resolve(of(1, 2));
  }

  @MessagePattern('stream.of.promise')
  streamOfPromise() {
    return of({ a: of(1) instanceof Observable });
  }

  @MessagePattern('empty')
  empty() {
    return EMPTY;
  }

  @MessagePattern('record')
  record() {
    const own = headers();
    own.set('tenant', 'acme');
    return new NatsRecordBuilder({ a: 1 }).setHeaders(own).build();
  }

  @UseInterceptors(Mapping)
  @MessagePattern('intercepted')
  intercepted() {
    return 1;
  }

  @UseInterceptors(Replacing)
  @MessagePattern('replaced')
  replaced() {
    return 1;
  }

  @MessagePattern('throw')
  throw() {
    this.journal.note('handler');
    throw new Error('no');
  }

  @MessagePattern('rpc')
  rpc() {
    throw new RpcException({ code: 404 });
  }

  @MessagePattern('reject')
  reject() {
    return Promise.reject(new RpcException('rejected'));
  }

  @MessagePattern('fails')
  fails() {
    return throwError(() => new RpcException('failed'));
  }

  @UseFilters(Answering)
  @MessagePattern('filtered')
  filtered() {
    throw new Error('it');
  }

  @UseFilters(Broken)
  @MessagePattern('broken.filter')
  brokenFilter() {
    this.journal.note('handler');
    throw new Error('it');
  }

  @MessagePattern('context')
  context(@Ctx() context: NatsContext) {
    const [subject, own] = context.getArgs() as unknown as [string, MsgHdrs | undefined];
    return [subject, own?.get('tenant'), context.getSubject(), context instanceof NatsContext];
  }
}

const service = { controllers: [Results] };

/** The packets of which the replies are made, and who is served then. */
class Noting implements Serializer<OutgoingResponse> {
  readonly noted: string[] = [];

  serialize(packet: OutgoingResponse) {
    const data = JSON.stringify(packet);
    this.noted.push(`${Object.keys(packet).join(',')} ${data} for ${userOf.getStore() ?? 'nobody'}`);
    return { data };
  }
}

interface Request {
  readonly subject: string;
  readonly data?: unknown;
  readonly text?: string;
  readonly id?: string;
}

/** What goes over the wire for requests of a nats.js peer that arrive together. */
async function answered(run: Run, requests: readonly Request[], answers: number, to = 'answers') {
  const nc = await run.plainConnection();
  const heard: string[] = [];
  nc.subscribe(to, {
    callback: (_error, message) => {
      heard.push(`${message.string()}${message.headers ? ' headers' : ''}`);
    },
  });
  for (const { subject, data = {}, id = subject, text } of requests)
    nc.publish(subject, text ?? JSON.stringify({ id, data }), { reply: to });
  await eventually(() => heard.length >= answers, {
    what: `${answers} answers, of which came ${heard.join(' ')}`,
  });
  return heard.join(' ');
}

function strategyOf({ service: app }: Pick<Run, 'service'>): Server {
  // NestJS gives instrumentation no other way to the strategy of a microservice.
  return (app as unknown as { serverInstance: Server }).serverInstance;
}

function hookInto(run: Run): void {
  const { journal } = run;
  const onStart = async (_transport: unknown, context: NatsContext, done: () => Promise<unknown>) => {
    journal.note(`start of ${context.getSubject()}`);
    await done();
    journal.note('done');
  };
  const strategy = strategyOf(run);
  strategy.setOnProcessingStartHook(onStart as unknown as Parameters<Server['setOnProcessingStartHook']>[0]);
  strategy.setOnProcessingEndHook(() => {
    journal.note('end');
  });
}

describe('replies on the wire', () => {
  for (const [what, subject, answers, stock] of [
    ['a value', 'value', 1, '{"response":{},"isDisposed":true,"id":"value"}'],
    ['null', 'nothing', 1, '{"response":null,"isDisposed":true,"id":"nothing"}'],
    ['undefined', 'undefined', 1, '{"isDisposed":true,"id":"undefined"}'],
    ['a promise', 'promise', 1, '{"response":1,"isDisposed":true,"id":"promise"}'],
    ['an object with then()', 'thenable', 1, '{"response":"then","isDisposed":true,"id":"thenable"}'],
    [
      'an Observable',
      'stream',
      2,
      '{"response":1,"id":"stream"} {"response":2,"isDisposed":true,"id":"stream"}',
    ],
    [
      'a promise of an Observable',
      'promise.of.stream',
      2,
      '{"response":1,"id":"promise.of.stream"} {"response":2,"isDisposed":true,"id":"promise.of.stream"}',
    ],
    [
      'an Observable of one value',
      'stream.of.promise',
      1,
      '{"response":{"a":true},"isDisposed":true,"id":"stream.of.promise"}',
    ],
    ['an empty Observable', 'empty', 1, '{"isDisposed":true,"id":"empty"}'],
    [
      'a NatsRecord with headers',
      'record',
      1,
      '{"response":{"data":{"a":1},"headers":{"_code":0,"headers":{},"_description":""}},"isDisposed":true,"id":"record"}',
    ],
    [
      'what an interceptor maps',
      'intercepted',
      1,
      '{"response":{"mapped":1},"isDisposed":true,"id":"intercepted"}',
    ],
    [
      'what an interceptor gives in place of it',
      'replaced',
      2,
      '{"response":"instead","id":"replaced"} {"response":"of it","isDisposed":true,"id":"replaced"}',
    ],
    [
      'an exception',
      'throw',
      1,
      '{"err":{"status":"error","message":"Internal server error"},"isDisposed":true,"id":"throw"}',
    ],
    ['an RpcException', 'rpc', 1, '{"err":{"code":404},"isDisposed":true,"id":"rpc"}'],
    [
      'a promise that is rejected',
      'reject',
      1,
      '{"err":{"status":"error","message":"rejected"},"isDisposed":true,"id":"reject"}',
    ],
    [
      'an Observable that fails',
      'fails',
      1,
      '{"err":{"status":"error","message":"failed"},"isDisposed":true,"id":"fails"}',
    ],
    [
      'what an exception filter gives',
      'filtered',
      1,
      '{"response":"caught it","isDisposed":true,"id":"filtered"}',
    ],
    [
      'the context of a handler',
      'context',
      1,
      '{"response":["context",null,"context",true],"isDisposed":true,"id":"context"}',
    ],
  ] as const)
    parity(what, { service, observe: (run) => answered(run, [{ subject }], answers), stock });

  parity('requests that arrive together are answered in their order', {
    service,
    observe: (run) =>
      answered(
        run,
        ['1', '2', '3'].map((id) => ({ subject: 'value', data: id, id })),
        3,
      ),
    stock:
      '{"response":"1","isDisposed":true,"id":"1"} {"response":"2","isDisposed":true,"id":"2"} {"response":"3","isDisposed":true,"id":"3"}',
  });

  parity('a request whose reply subject begins with $', {
    service,
    observe: (run) => answered(run, [{ subject: 'nothing' }], 1, '$TEST.ack'),
    stock: '{"response":null,"isDisposed":true,"id":"nothing"}',
  });

  parity('text beyond ASCII, a byte order mark, and JSON that is no packet of NestJS', {
    service,
    observe: async (run) => {
      const text = '\uFEFF{"id":"bom","data":"Grüße 🎈 \\u0000"}';
      const marked = await answered(run, [{ subject: 'value', text }], 1);
      const foreign = ['null', '7', '"text"', '{"a":1}'].map((one) => ({ subject: 'value', text: one }));
      await answered(run, [...foreign, { subject: 'nothing' }], 1);
      await eventually(() => run.journal.entries.length === 5, { what: 'the events' });
      return marked;
    },
    stock: '{"response":"Grüße 🎈 \\u0000","isDisposed":true,"id":"bom"}',
  });

  parity('a request without a reply subject is handled', {
    service,
    observe: async (run) => {
      hookInto(run);
      const nc = await run.plainConnection();
      nc.publish('value', '{"id":"x","data":1}');
      await eventually(() => run.journal.entries.length === 4, { what: 'the hooks' });
      return run.journal.entries.join(', ');
    },
    stock: 'start of value, handler, end, done',
  });
});

describe('hooks around replies', () => {
  for (const [what, subject, stock] of [
    ['a value', 'value', 'start of value, handler, end, done, serialized'],
    ['a promise', 'promise', 'start of promise, handler, end, done, serialized'],
    ['an Observable', 'stream', 'start of stream, handler, end, done, serialized, serialized'],
    ['an exception', 'throw', 'start of throw, handler, end, done, serialized'],
  ] as const)
    parity(what, {
      service,
      observe: async (run) => {
        hookInto(run);
        const strategy = strategyOf(run) as unknown as { serializer: Serializer };
        const { serializer } = strategy;
        strategy.serializer = {
          serialize: (packet: unknown) => {
            run.journal.note('serialized');
            return serializer.serialize(packet) as unknown;
          },
        };
        await outcome(run.client.send(subject, {}));
        return run.journal.entries.join(', ');
      },
      stock,
    });
});

describe('what an application does to its strategy', () => {
  parity('transformToObservable() of its own', {
    service,
    observe: async (run) => {
      const strategy = strategyOf(run);
      const transform: (result: unknown) => unknown = strategy.transformToObservable.bind(strategy);
      strategy.transformToObservable = (result: unknown) =>
        (transform(result) as Observable<unknown>).pipe(map((value) => ['own', value])) as never;
      return `${await outcome(run.client.send('value', 1))}; ${await outcome(run.client.send('stream', {}))}`;
    },
    stock: '["own",1] |; ["own",1] ["own",2] |',
  });

  parity('send() of its own', {
    service,
    observe: async (run) => {
      const strategy = strategyOf(run);
      const send = strategy.send.bind(strategy);
      strategy.send = (stream, respond) =>
        send(stream.pipe(map((value) => ['own', value as unknown])), respond);
      return `${await outcome(run.client.send('value', 1))}; ${await outcome(run.client.send('promise', {}))}`;
    },
    stock: '["own",1] |; ["own",1] |',
  });

  parity('a serializer sees each packet, in the async context that a hook made for it', {
    observe: async (run) => {
      const serializer = new Noting();
      const service = await run.startService({ serializer }, { service: { controllers: [Results] } });
      const inContext = (_transport: unknown, context: NatsContext, done: () => unknown) =>
        userOf.run(context.getSubject(), done);
      strategyOf({ service }).setOnProcessingStartHook(
        inContext as unknown as Parameters<Server['setOnProcessingStartHook']>[0],
      );
      await answered(run, [{ subject: 'value' }, { subject: 'undefined' }, { subject: 'promise' }], 3);
      return serializer.noted.join('; ');
    },
    stock:
      'response,isDisposed,id {"response":{},"isDisposed":true,"id":"value"} for value; response,isDisposed,id {"isDisposed":true,"id":"undefined"} for undefined; response,isDisposed,id {"response":1,"isDisposed":true,"id":"promise"} for promise',
  });
});

describe('what an application does to its client', () => {
  interface OwnParts {
    serializeResponse(response: unknown): unknown;
    createSubscriptionHandler(packet: unknown, tell: unknown): (...args: unknown[]) => Promise<unknown>;
  }

  parity('serializeResponse() of its own', {
    service,
    observe: async ({ client }) => {
      (client as unknown as OwnParts).serializeResponse = (response) => ['own', response];
      return `${await outcome(client.send('value', 1))}; ${await outcome(client.send('stream', {}))}`;
    },
    stock: '["own",1] |; ["own",1] ["own",2] |',
  });

  parity('createSubscriptionHandler() of its own', {
    service,
    observe: async ({ client, journal }) => {
      const own = client as unknown as OwnParts;
      const create = own.createSubscriptionHandler.bind(client);
      own.createSubscriptionHandler = (packet, tell) => {
        const handle = create(packet, tell);
        return async (...args) => {
          journal.note('heard');
          await handle(...args);
        };
      };
      const answers = `${await outcome(client.send('stream', {}))}; ${await outcome(client.send('rpc', {}))}`;
      return `${answers}; ${journal.entries.join(', ')}`;
    },
    stock: '1 2 |; error {"code":404}; handler, heard, heard, heard',
  });
});

describe('requests on the wire', () => {
  const marked = () => {
    const own = headers();
    own.set('tenant', 'acme');
    return own;
  };
  for (const [what, data, stock] of [
    ['a record without headers', () => new NatsRecordBuilder({ a: 1 }).build(), '{"a":1} |'],
    ['a record with headers', () => new NatsRecordBuilder('x').setHeaders(marked()).build(), '"x" |'],
    ['a record of nothing', () => new NatsRecordBuilder(null).build(), 'null |'],
    ['an object with toJSON()', () => new Date(0), '"1970-01-01T00:00:00.000Z" |'],
    ['false', () => false, 'false |'],
    ['text beyond ASCII', () => 'Grüße 🎈 \u0000', '"Grüße 🎈 \\u0000" |'],
  ] as const)
    parity(what, { service, observe: ({ client }) => outcome(client.send('value', data())), stock });

  parity('data that is no JSON', {
    service,
    observe: ({ client }) => outcome(client.send('value', 1n)),
    stock: 'TypeError: Do not know how to serialize a BigInt',
  });
});
