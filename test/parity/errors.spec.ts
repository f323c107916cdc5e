import {
  type ArgumentMetadata,
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExecutionContext,
  Inject,
  type NestInterceptor,
  type PipeTransform,
  type RpcExceptionFilter,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { eventually } from 'nestjs-nats-auth/testing';
import { from, map, type Observable, throwError, timeout } from 'rxjs';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { outcome, outcomeUntil } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { Journal, type Run } from './harness/run.js';
import { users } from './harness/transports.js';

class OutOfStock extends Error {}

@Catch(OutOfStock)
class OutOfStockFilter implements RpcExceptionFilter {
  catch(exception: OutOfStock): Observable<never> {
    return throwError(() => ({ code: 'OUT_OF_STOCK', item: exception.message }));
  }
}

@Catch()
class BadFilter implements RpcExceptionFilter {
  catch(exception: OutOfStock): never {
    throw exception;
  }
}

class NobodyMay implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

class Shout implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<string>): Observable<string> {
    return next.handle().pipe(map((value) => `${value}!`));
  }
}

class OnlyNumbers implements PipeTransform {
  transform(value: unknown, _metadata: ArgumentMetadata): number {
    if (typeof value !== 'number') throw new BadRequestException('a number is expected');
    return value;
  }
}

@Controller()
class Failing {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @MessagePattern('rpc-string')
  rpcString() {
    throw new RpcException('no such order');
  }

  @MessagePattern('rpc-object')
  rpcObject() {
    throw new RpcException({ code: 404, what: 'order' });
  }

  @MessagePattern('thrown')
  thrown() {
    throw new Error('a secret of the service');
  }

  @MessagePattern('rejected')
  rejected() {
    return Promise.reject(new RpcException('later'));
  }

  @MessagePattern('filtered')
  @UseFilters(OutOfStockFilter)
  filtered() {
    throw new OutOfStock('tea');
  }

  @MessagePattern('badly-filtered')
  @UseFilters(BadFilter)
  badlyFiltered() {
    throw new OutOfStock('tea');
  }

  @MessagePattern('guarded')
  @UseGuards(NobodyMay)
  guarded() {
    return 'let in';
  }

  @MessagePattern('intercepted')
  @UseInterceptors(Shout)
  intercepted() {
    return 'tea';
  }

  @MessagePattern('piped')
  piped(@Payload(OnlyNumbers) n: number) {
    return n + 1;
  }

  @MessagePattern('late')
  async late() {
    await this.journal.wait('late');
    return 'too late';
  }

  @MessagePattern('unserializable')
  unserializable() {
    return 10n;
  }

  @MessagePattern('nothing')
  nothing() {
    return undefined;
  }

  @MessagePattern('null-value')
  nullValue() {
    return null;
  }

  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }
}

const service = { controllers: [Failing] };

/** A request that may get no answer, and the next one. An answer would be there before those to two that are sent behind it. */
async function askAndGoOn({ client }: Run, request: Observable<unknown>): Promise<string> {
  const next = () => outcome(client.send('echo', 1));
  // In the next microtask: the request is subscribed to, and so on its way, by then.
  const over = Promise.resolve().then(next).then(next);
  return `${await outcomeUntil(request, over)}; ${await next()}`;
}

const INTERNAL = 'error {"status":"error","message":"Internal server error"}';

describe('errors of handlers', () => {
  parity('an RpcException with a text arrives as status and message', {
    service,
    observe: ({ client }) => outcome(client.send('rpc-string', {})),
    stock: 'error {"status":"error","message":"no such order"}',
  });

  parity('an RpcException with an object arrives as that object', {
    service,
    observe: ({ client }) => outcome(client.send('rpc-object', {})),
    stock: 'error {"code":404,"what":"order"}',
  });

  parity('an Error that a handler throws arrives without its message', {
    service,
    observe: ({ client }) => outcome(client.send('thrown', {})),
    stock: INTERNAL,
  });

  parity('a promise that a handler rejects arrives as an error', {
    service,
    observe: ({ client }) => outcome(client.send('rejected', {})),
    stock: 'error {"status":"error","message":"later"}',
  });

  parity('an exception filter says what arrives', {
    service,
    observe: ({ client }) => outcome(client.send('filtered', {})),
    stock: 'error {"code":"OUT_OF_STOCK","item":"tea"}',
  });

  parity('guards, interceptors and pipes are in force', {
    service,
    observe: async ({ client }) => {
      const guarded = await outcome(client.send('guarded', {}));
      const intercepted = await outcome(client.send('intercepted', {}));
      const piped = [await outcome(client.send('piped', 1)), await outcome(client.send('piped', 'one'))];
      return [guarded, intercepted, ...piped].join('; ');
    },
    stock: `error {"status":"error","message":"Forbidden resource"}; "tea!" |; 2 |; ${INTERNAL}`,
  });

  parity('a handler that returns undefined or null', {
    service,
    observe: async ({ client }) =>
      `${await outcome(client.send('nothing', {}))}; ${await outcome(client.send('null-value', {}))}`,
    stock: '|; null |',
  });

  parity('an answer that cannot be serialized, and the service goes on', {
    service,
    observe: (run) => askAndGoOn(run, run.client.send('unserializable', {})),
    stock: 'silence; 1 |',
    difference: DIFFERENCES.unsentReply,
  });

  parity('an exception filter that throws', {
    service,
    observe: (run) => askAndGoOn(run, run.client.send('badly-filtered', {})),
    stock: 'silence; 1 |',
    difference: DIFFERENCES.throwingFilter,
  });
});

describe('errors of peers', () => {
  const ask = async (run: Run, payload: string) => {
    const nc = await run.plainConnection();
    const answer = nc.request('echo', payload, { timeout: 60_000 }).then((message) => message.json());
    // The server has it before what the client sends next.
    await nc.flush();
    return askAndGoOn(run, from(answer));
  };

  parity('a request that is no JSON', {
    service,
    observe: (run) => ask(run, 'no JSON'),
    stock: 'silence; 1 |',
    difference: DIFFERENCES.unreadableRequest,
  });

  parity('a request that is JSON and no packet of NestJS is an event', {
    service,
    observe: (run) => ask(run, '{"no":"packet"}'),
    stock: 'silence; 1 |',
  });

  parity('an event that is no JSON', {
    service,
    observe: async (run) => {
      const nc = await run.plainConnection();
      nc.publish('echo', 'no JSON');
      await nc.flush();
      return outcome(run.client.send('echo', 1));
    },
    stock: '1 |',
  });
});

describe('errors of callers', () => {
  parity('a request that nobody listens to fails with EmptyResponseException', {
    service,
    observe: ({ client }) => outcome(client.send({ cmd: 'unknown' }, {})),
    stock:
      'EmptyResponseException: Empty response. There are no subscribers listening to that message ("{"cmd":"unknown"}")',
  });

  parity('a pattern or a payload of null or undefined is refused by send()', {
    service,
    observe: async ({ client }) => {
      const calls = [
        ['echo', null],
        ['echo', undefined],
        [null, 1],
        [undefined, 1],
      ] as const;
      const outcomes = await Promise.all(calls.map(([pattern, data]) => outcome(client.send(pattern, data))));
      return [...new Set(outcomes)].join('; ');
    },
    stock: 'InvalidMessageException: The invalid data or message pattern (undefined/null)',
  });

  parity('a pattern or a payload of null or undefined is refused by emit()', {
    service,
    observe: async ({ client }) => {
      const calls = [
        ['echo', null],
        ['echo', undefined],
        [null, 1],
        [undefined, 1],
      ] as const;
      const outcomes = await Promise.all(calls.map(([pattern, data]) => outcome(client.emit(pattern, data))));
      return [...new Set(outcomes)].join('; ');
    },
    stock: 'InvalidMessageException: The invalid data or message pattern (undefined/null)',
  });

  parity('timeout() gives up, and the answer that comes later is dropped', {
    service,
    observe: async ({ client, journal }) => {
      const told: string[] = [];
      const request = client.send<string>('late', {}).pipe(timeout(50));
      request.subscribe({
        next: (value) => told.push(value),
        error: (error: Error) => told.push(error.name),
      });
      await eventually(() => told.length > 0, { what: 'the time-out' });
      journal.release();
      // Behind the late answer, on the same connections.
      const next = await outcome(client.send('echo', 'next'));
      return `${told.join()}; ${next}`;
    },
    stock: 'TimeoutError; "next" |',
  });

  parity('a payload that cannot be serialized fails its call', {
    service,
    observe: async ({ client }) =>
      `${await outcome(client.send('echo', 10n))}; ${await outcome(client.emit('echo', 10n))}`,
    stock:
      'TypeError: Do not know how to serialize a BigInt; TypeError: Do not know how to serialize a BigInt',
  });

  parity('a payload beyond max_payload fails its call', {
    service,
    config: `${users()}max_payload: 1024\n`,
    observe: async ({ client }) => {
      const large = 'x'.repeat(2_000);
      return `${await outcome(client.send('echo', large))}; ${await outcome(client.emit('echo', large))}`;
    },
    stock:
      "InvalidArgumentError: 'payload' max_payload size exceeded; InvalidArgumentError: 'payload' max_payload size exceeded",
  });

  parity('a subject that is none fails its call', {
    service,
    observe: async ({ client }) =>
      `${await outcome(client.send('', {}))}; ${await outcome(client.emit('', {}))}`,
    stock: "InvalidSubjectError: illegal subject: ''; InvalidSubjectError: illegal subject: ''",
    difference: DIFFERENCES.invalidSubject,
  });
});
