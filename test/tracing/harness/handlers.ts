import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, NatsContext, Payload, RpcException } from '@nestjs/microservices';
import { eventually } from 'nestjs-nats-auth/testing';
import { interval, map, type Observable, of, throwError } from 'rxjs';

import { inSpan } from './recorded.js';

/** What events have arrived. */
export const told: unknown[] = [];
/** Ends `slow`. */
export const slow = { begun: 0, finish: () => {} };

@Controller()
export class Handlers {
  @MessagePattern('echo')
  echo(@Payload() data: unknown): Promise<unknown> {
    return inSpan('of the handler', () => Promise.resolve(data));
  }

  @MessagePattern('orders.*.get')
  order(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('headers')
  headers(@Ctx() context: NatsContext) {
    const headers = context.getHeaders() as
      { keys(): Iterable<string>; values(name: string): Iterable<string> } | undefined;
    if (!headers) return {};
    return Object.fromEntries([...headers.keys()].map((name) => [name, [...headers.values(name)]]));
  }

  @MessagePattern('stream')
  stream(): Observable<number> {
    return of(1, 2, 3);
  }

  @MessagePattern('endless')
  endless(): Observable<number> {
    return interval(20).pipe(map((n) => n));
  }

  @MessagePattern('fail')
  fail() {
    throw new RpcException({ status: 'error', code: 'NO_SUCH_ORDER', message: 'There is no such order.' });
  }

  @MessagePattern('crash')
  crash() {
    throw new TypeError('a bug');
  }

  @MessagePattern('slow')
  async slow() {
    slow.begun++;
    await new Promise<void>((resolve) => {
      const before = slow.finish;
      slow.finish = () => {
        before();
        resolve();
      };
    });
    return 'done';
  }

  @EventPattern('told')
  async told(@Payload() data: unknown): Promise<void> {
    await inSpan('of the handler', () => Promise.resolve());
    told.push(data);
  }

  @EventPattern('told.badly')
  toldBadly(@Payload() _data: unknown): void {
    throw new RpcException({ code: 'NOT_NOW', message: 'It cannot be handled now.' });
  }

  @EventPattern('told.in.a.stream')
  toldInAStream(@Payload() _data: unknown): Observable<unknown> {
    return throwError(() => new RpcException({ code: 'NOT_NOW', message: 'It cannot be handled now.' }));
  }
}

/** Ends the handlers that wait, once `count` of them do. */
export async function finishSlow(count: number): Promise<void> {
  await eventually(() => slow.begun >= count, { what: `${count} handlers to begin` });
  const { finish } = slow;
  Object.assign(slow, { begun: 0, finish: () => {} });
  finish();
}
