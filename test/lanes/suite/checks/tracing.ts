import { deepEqual, equal } from 'node:assert/strict';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { context, trace } from '@opentelemetry/api';
import { NatsAuthClient, NatsAuthModule, natsAuthTransport } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';

import type { Lane } from '../app.js';
import { recorded, recordSpans } from '../recorded-spans.js';

@Controller()
class TracedController {
  @MessagePattern('traced.echo')
  async echo(@Payload() data: unknown): Promise<unknown> {
    await Promise.resolve();
    trace.getTracer('lane').startSpan('of the handler', {}, context.active()).end();
    return data;
  }
}

/** A request is one trace over NATS, and what the handler does is in it. */
export async function tracing({ server }: Lane): Promise<void> {
  const stop = recordSpans();
  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: { servers: server.url },
        userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'first' }) },
        tracing: true,
      }),
    ],
    controllers: [TracedController],
  })
  class TracedModule {}
  const app = await NestFactory.createMicroservice(TracedModule, { ...natsAuthTransport(), logger: false });
  try {
    await app.listen();
    equal(await firstValueFrom(app.get(NatsAuthClient).send('traced.echo', 'hello')), 'hello');
    const named = (name: string) => recorded().filter((span) => span.name === name);
    const [sent, handled, inner] = ['send traced.echo', 'process traced.echo', 'of the handler'].map(named);
    deepEqual(
      [sent, handled, inner].map((spans) => spans?.length),
      [1, 1, 1],
    );
    equal(handled?.[0]?.parent, sent?.[0]?.id);
    equal(inner?.[0]?.parent, handled?.[0]?.id);
    deepEqual(named('refresh default')[0]?.parent, named('connect default')[0]?.id);
  } finally {
    await app.close();
    stop();
  }
}
