import { createRequire } from 'node:module';

import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsConnection as NatsConnection2 } from 'nats';
import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../../libs/testing/index.js';
import { DRIVERS, type TestedDriver } from '../drivers/drivers.js';
import { serverForTest, users } from '../drivers/servers.js';
import { StablePeer, type TestedConnection } from '../drivers/stable-peer.js';

const { consumerOpts } = createRequire(import.meta.url)('nats') as typeof import('nats');

/** Where JetStream pushes to: no inbox, and no deliver group. */
const DELIVER = 'pushed.orders';

/** Pushes the messages of the stream `orders` to `got`, from a consumer that `made` may have made before. */
interface Push {
  readonly makeStream: (nc: TestedConnection) => Promise<void>;
  readonly makeConsumer: (nc: TestedConnection) => Promise<void>;
  readonly consume: (nc: TestedConnection, got: (text: string) => void) => Promise<void>;
  readonly publish: (nc: TestedConnection, text: string) => Promise<unknown>;
}

const CONSUMER = {
  durable_name: 'pushed',
  deliver_subject: DELIVER,
  ack_policy: AckPolicy.Explicit,
} as const;

const ofNats = (nc: TestedConnection) => nc as unknown as NatsConnection2;
const ofTransport = (nc: TestedConnection) => nc as unknown as NatsConnection;

const NATS: Push = {
  makeStream: async (nc) => {
    const manager = await ofNats(nc).jetstreamManager();
    await manager.streams.add({ name: 'orders', subjects: ['orders.*'] });
  },
  makeConsumer: async (nc) => {
    const manager = await ofNats(nc).jetstreamManager();
    await manager.consumers.add('orders', CONSUMER as never);
  },
  consume: async (nc, got) => {
    const options = consumerOpts();
    options.durable('pushed');
    options.deliverTo(DELIVER);
    options.manualAck();
    options.callback((_error, message) => {
      got(message?.string() ?? '');
      message?.ack();
    });
    // It is the one that subscribes before it makes the consumer.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    await ofNats(nc).jetstream().subscribe('orders.*', options);
  },
  publish: (nc, text) => ofNats(nc).jetstream().publish('orders.new', text),
};

const TRANSPORT_NODE: Push = {
  makeStream: async (nc) => {
    const manager = await jetstreamManager(ofTransport(nc));
    await manager.streams.add({ name: 'orders', subjects: ['orders.*'] });
  },
  makeConsumer: async (nc) => {
    const manager = await jetstreamManager(ofTransport(nc));
    await manager.consumers.add('orders', CONSUMER);
  },
  consume: async (nc, got) => {
    const consumer = await jetstream(ofTransport(nc)).consumers.getPushConsumer('orders', 'pushed');
    await consumer.consume({
      callback: (message) => {
        got(message.string());
        message.ack();
      },
    });
  },
  publish: (nc, text) => jetstream(ofTransport(nc)).publish('orders.new', text),
};

/** Through rotations, with messages between them and while they go on. */
async function hearAll(tested: TestedDriver, push: Push, isMadeBefore: boolean): Promise<void> {
  const server = await serverForTest({ config: users({ app: 'secret' }), jetstream: true });
  const peer = new StablePeer(tested, { options: { servers: server.url } });
  const nc = await peer.open();
  await push.makeStream(nc);
  if (isMadeBefore || push === TRANSPORT_NODE) await push.makeConsumer(nc);
  const got: string[] = [];
  await push.consume(nc, (text) => got.push(text));
  const sent: string[] = [];
  const publish = async () => {
    const text = String(sent.length);
    sent.push(text);
    await push.publish(nc, text);
  };
  const load = { isOn: true };
  const publishing = (async () => {
    while (load.isOn) await publish();
  })();
  onTestFinished(() => void (load.isOn = false));
  for (let n = 0; n < 5; n++) {
    const before = got.length;
    await peer.rotate();
    await eventually(() => got.length > before, { what: 'messages after a rotation', timeoutMs: 10_000 });
  }
  load.isOn = false;
  await publishing;
  await eventually(() => got.length >= sent.length, { what: 'all messages', timeoutMs: 10_000 });
  expect(got).toEqual(sent);
}

describe.each(DRIVERS.filter(({ packageName }) => !packageName.endsWith('oldest')))(
  'what JetStream pushes to $label without a deliver group',
  (tested) => {
    const push = tested.driver.name === 'nats' ? NATS : TRANSPORT_NODE;

    it('arrives once, in order, through rotations, from a consumer that is there already', () =>
      hearAll(tested, push, true));

    if (push === NATS)
      it('arrives so from a consumer that is made when it is subscribed', () => hearAll(tested, push, false));
  },
);
