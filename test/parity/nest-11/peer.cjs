// A NestJS 11 process that starts clients and services of the stock transport, and calls, as its parent asks.
const process = require('node:process');

require('reflect-metadata');
const common = require('@nestjs/common');
const core = require('@nestjs/core');
const microservices = require('@nestjs/microservices');
const nats = require('nats');
const rxjs = require('rxjs');

const { createCaller, createController } = require('./application.cjs');

const packages = { common, microservices, nats, rxjs };
const { Transport } = microservices;
const callers = new Map();

const commands = {
  async startService(options) {
    class AppModule {}
    common.Module({ controllers: [createController(packages)] })(AppModule);
    const app = await core.NestFactory.createMicroservice(AppModule, {
      transport: Transport.NATS,
      options,
      logger: false,
    });
    await app.listen();
    await app.unwrap().flush();
  },
  async startClient(options) {
    const client = microservices.ClientProxyFactory.create({ transport: Transport.NATS, options });
    await client.connect();
    callers.set(options.servers, createCaller(packages, client));
  },
  send: (server, ...call) => callers.get(server).send(...call),
  emit: (server, ...call) => callers.get(server).emit(...call),
};

common.Logger.overrideLogger(false);
process.on('message', async ({ id, command, args }) => {
  try {
    process.send({ id, result: await commands[command](...args) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
// The parent is gone, or wants this to end.
process.on('disconnect', () => process.exit());
