// A NestJS 11 application whose JetStream transport opens its connections itself. It publishes orders and handles them, and tells its parent of
// each. Decorators are applied by hand, as this file is not compiled.
const { Buffer } = require('node:buffer');
const process = require('node:process');
const { setTimeout: delay } = require('node:timers/promises');

require('reflect-metadata');
const jetstream = require('@horizon-republic/nestjs-jetstream');
const { Controller, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { EventPattern, Payload } = require('@nestjs/microservices');
const { NatsAuthModule, NatsAuthService } = require('nestjs-nats-auth');

const { servers, followed, everyMs } = JSON.parse(process.argv[2]);
const tell = (message) => process.connected && process.send(message);

/** The parent mints the credentials. */
const waiting = new Map();
let asked = 0;
const userInfoProvider = {
  getUserInfo: () =>
    new Promise((resolve, reject) => {
      waiting.set(++asked, { resolve, reject });
      tell({ type: 'asked', id: asked });
    }),
};

class Orders {
  placed({ id }) {
    tell({ type: 'handled', id });
  }
}
Payload()(Orders.prototype, 'placed', 0);
EventPattern('placed')(
  Orders.prototype,
  'placed',
  Object.getOwnPropertyDescriptor(Orders.prototype, 'placed'),
);
Controller()(Orders);

async function start() {
  // Before the module of the other transport, which takes its options as they are when the application is put together.
  const auth = await NestFactory.createApplicationContext(
    NatsAuthModule.forRoot({ connection: { servers }, userInfoProvider, metrics: false }),
    { logger: false },
  );
  const natsAuth = auth.get(NatsAuthService);
  const ofServer = await natsAuth.connectionOptions();
  const ofClient = await natsAuth.connectionOptions();

  class AppModule {}
  Module({
    imports: [
      jetstream.JetstreamServerModule.forRootAsync({ name: 'orders', useFactory: () => ofServer }),
      jetstream.JetstreamClientModule.forFeature({ ...ofClient, name: 'orders' }),
    ],
    controllers: [Orders],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['error', 'fatal'] });
  const transport = app.get(jetstream.getJetStreamTransportToken('orders'), { strict: false });
  app.connectMicroservice(transport, { inheritAppConfig: true });
  await app.startAllMicroservices();

  const server = transport.strategy.unwrap();
  const client = await app.get('orders', { strict: false }).connect();
  for (const [connection, options] of [
    [server, ofServer],
    [client, ofClient],
  ]) {
    void tellStatus(connection, connection === server ? 0 : 1);
    if (followed) natsAuth.follow(connection, options);
  }
  return { app, auth, client };
}

async function tellStatus(connection, of) {
  for await (const { type } of connection.status()) tell({ type: 'status', of, status: type });
}

let isStopped = false;

/** Publishes until it is stopped: each order again and again until the stream has it, which knows it by its id. */
async function publish(connection) {
  const stream = connection.jetstream();
  const under = new Set();
  for (let id = 1; !isStopped; id++) {
    const order = place(stream, id).finally(() => under.delete(order));
    under.add(order);
    await delay(everyMs);
  }
  await Promise.all(under);
  tell({ type: 'published all' });
}

async function place(stream, id) {
  const data = Buffer.from(JSON.stringify({ id }));
  for (;;) {
    try {
      const { duplicate } = await stream.publish('orders__microservice.ev.placed', data, {
        msgID: `${id}`,
        timeout: 1_000,
      });
      return tell({ type: 'published', id, duplicate });
    } catch {
      await delay(50);
    }
  }
}

const starting = start();
starting.then(
  ({ client }) => publish(client),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);

process.on('message', async ({ type, id, userInfo, error }) => {
  if (type === 'answer') waiting.get(id)?.[error ? 'reject' : 'resolve'](error ? new Error(error) : userInfo);
  if (type === 'stop') isStopped = true;
  if (type !== 'close') return;
  const { app, auth } = await starting;
  await app.close();
  await auth.close();
  // Nothing else is left: the process ends by itself.
  process.disconnect();
});
