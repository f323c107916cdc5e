// Starts a NATS server and the service, sends a request from a span of the application, and prints its trace.
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap } from './main.js';
import { startTracing } from './tracing.js';

async function demo() {
  const exporter = new InMemorySpanExporter();
  startTracing(exporter);
  const server = await startNatsServer({
    config: 'authorization { users: [ { user: orders, password: secret } ] }',
  });
  process.env['NATS_URL'] = server.url;
  process.env['NATS_PASSWORD'] = 'secret';
  const app = await bootstrap();

  await trace.getTracer('demo').startActiveSpan('checkout', async (span) => {
    await firstValueFrom(app.get(NatsAuthClient).send('orders.ship', 7));
    span.end();
  });
  await eventually(() => exporter.getFinishedSpans().some(({ name }) => name === 'process order.shipped'));
  const spans = exporter.getFinishedSpans();
  const checkout = spans.find(({ name }) => name === 'checkout');
  if (checkout) printTree(checkout, spans);
  const others = spans.filter((span) => traceOf(span) !== (checkout && traceOf(checkout)));
  console.log('traces of their own:', [...new Set(others.map(({ name }) => name))].sort().join(', '));

  await app.close();
  await server.stop();
}

function printTree(span: ReadableSpan, spans: readonly ReadableSpan[], indent = ''): void {
  console.log(indent + span.name);
  for (const child of spans)
    if (child.parentSpanContext?.spanId === span.spanContext().spanId) printTree(child, spans, `${indent}  `);
}

const traceOf = (span: ReadableSpan) => span.spanContext().traceId;

void demo();
