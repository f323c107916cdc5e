// An application of NestJS, of whichever major is installed: a gateway that asks a service for each HTTP request, or that service.
// Decorators are applied by hand, as this file is not compiled.
const process = require('node:process');
const { setTimeout: delay } = require('node:timers/promises');

const { role, servers, port, instrumented } = JSON.parse(process.argv[2]);
const { instrumentNest } = require('./sdk.cjs');
if (instrumented) instrumentNest();

require('reflect-metadata');
const { Controller, Get, Inject, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { EventPattern, MessagePattern } = require('@nestjs/microservices');
const { trace } = require('@opentelemetry/api');
const { NatsAuthClient, NatsAuthModule, natsAuthTransport } = require('nestjs-nats-auth');
const { lastValueFrom, of, toArray } = require('rxjs');

const tracer = trace.getTracer('of the application');
const registration = NatsAuthModule.forRoot({
  connection: { servers },
  userInfoProvider: {
    getUserInfo: () =>
      tracer.startActiveSpan('identity provider', async (span) => {
        span.end();
        return { user: 'svc', pass: 'secret' };
      }),
  },
  tracing: true,
  metrics: false,
});

class Gateway {
  constructor(client) {
    this.client = client;
  }
  async ask() {
    const reply = await lastValueFrom(this.client.send('ask', 'a question'));
    const stream = await lastValueFrom(this.client.send('stream', {}).pipe(toArray()));
    await lastValueFrom(this.client.emit('told', 1), { defaultValue: undefined });
    return { reply, stream };
  }
}

class Service {
  ask(data) {
    return tracer.startActiveSpan('database', async (span) => {
      await delay(1);
      span.end();
      return `${data} answered`;
    });
  }
  stream() {
    return of(1, 2, 3);
  }
  told() {
    tracer.startActiveSpan('mail', (span) => span.end());
  }
}

function decorate(type, method, decorator) {
  decorator(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method));
}
Controller()(Gateway);
Inject(NatsAuthClient)(Gateway, undefined, 0);
decorate(Gateway, 'ask', Get('ask'));
Controller()(Service);
decorate(Service, 'ask', MessagePattern('ask'));
decorate(Service, 'stream', MessagePattern('stream'));
decorate(Service, 'told', EventPattern('told'));

class AppModule {}
Module({ imports: [registration], controllers: [role === 'gateway' ? Gateway : Service] })(AppModule);

async function start() {
  if (role === 'service') {
    const app = await NestFactory.createMicroservice(AppModule, { ...natsAuthTransport(), logger: false });
    await app.listen();
    return app;
  }
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.get(NatsAuthClient).connect();
  await app.listen(port, '127.0.0.1');
  return app;
}

void start().then((app) => {
  process.on('disconnect', () => void app.close());
  process.send({ ready: true });
});
