import { knownKeys } from '../../base/index.js';
import type { UserPermissions } from '../admission.js';
import { type InboxUse, inboxOf } from './inbox.js';
import { checkedName, checkedSubjects } from './subject-names.js';

/**
 * What a user does with JetStream.
 * @public
 */
export interface JetStreamUse extends InboxUse {
  /** The streams that it uses. Default: none. */
  readonly streams?: readonly StreamUse[];
  /** Buckets of keys and values. */
  readonly buckets?: readonly BucketUse[];
  /** Object stores. */
  readonly stores?: readonly BucketUse[];
  /** The JetStream domain, as in `jetstream(nc, { domain })`. Default: none. */
  readonly domain?: string;
}

/**
 * What a user does with a stream. Default: nothing but to look at its state.
 * @public
 */
export interface StreamUse {
  readonly name: string;
  /** Subjects that it publishes to the stream. */
  readonly publishes?: readonly string[];
  /** Reads the messages, with consumers that it makes itself; or, with a list of names, with these consumers, which are there. */
  readonly reads?: boolean | readonly string[];
  /** Makes the stream where it is not there. It cannot change or delete it. */
  readonly creates?: boolean;
}

/**
 * What a user does with a bucket of keys, or of objects. Default: nothing but to look at its state.
 * @public
 */
export interface BucketUse {
  readonly name: string;
  /** Gets and watches what is in it. */
  readonly reads?: boolean;
  /** Puts and deletes what is in it. */
  readonly writes?: boolean;
  /** Makes the bucket where it is not there. It cannot change or delete it. */
  readonly creates?: boolean;
}

/**
 * What a user of JetStream needs: of streams, buckets and object stores through the clients of either driver, on the injected connection or
 * on one of its own.
 * @throws `OptionsInvalidError`
 * @public
 */
export function jetstreamPermissions(use: JetStreamUse): UserPermissions {
  const builder = 'jetstreamPermissions';
  knownKeys(builder, use, ['streams', 'buckets', 'stores', 'domain', 'inboxPrefix']);
  const { domain, streams = [], buckets = [], stores = [] } = use;
  const api = domain === undefined ? '$JS.API' : `$JS.${checkedName(`${builder}.domain`, domain)}.API`;
  const publish = [
    `${api}.INFO`,
    ...streams.flatMap((stream, i) => ofStream(api, `${builder}.streams[${i}]`, stream)),
    ...buckets.flatMap((bucket, i) => ofBucket(api, `${builder}.buckets[${i}]`, bucket)),
    ...stores.flatMap((store, i) => ofStore(api, `${builder}.stores[${i}]`, store)),
  ];
  return {
    publish: { allow: [...new Set(publish)] },
    subscribe: { allow: [`${inboxOf(builder, use)}.>`] },
  };
}

function ofStream(api: string, option: string, use: StreamUse): string[] {
  knownKeys(option, use, ['name', 'publishes', 'reads', 'creates']);
  const name = checkedName(`${option}.name`, use.name);
  const { reads = false } = use;
  const consumers = typeof reads === 'boolean' ? [] : reads.map((one) => checkedName(`${option}.reads`, one));
  return [
    ...looks(api, name),
    ...(use.creates ? creates(api, name) : []),
    ...checkedSubjects(`${option}.publishes`, use.publishes),
    ...(reads === true ? readsAll(api, name) : []),
    ...consumers.flatMap((consumer) => [
      `${api}.CONSUMER.INFO.${name}.${consumer}`,
      `${api}.CONSUMER.MSG.NEXT.${name}.${consumer}`,
      ...acks(`${name}.${consumer}`),
    ]),
  ];
}

function ofBucket(api: string, option: string, use: BucketUse): string[] {
  const { name, stream } = bucketOf(option, use, 'KV');
  return [
    ...looks(api, stream),
    ...(use.creates ? creates(api, stream) : []),
    ...(use.reads ? [...readsAll(api, stream), ...gets(api, stream)] : []),
    ...(use.writes ? [`$KV.${name}.>`] : []),
  ];
}

function ofStore(api: string, option: string, use: BucketUse): string[] {
  const { name, stream } = bucketOf(option, use, 'OBJ');
  return [
    ...looks(api, stream),
    ...(use.creates ? creates(api, stream) : []),
    // nats.js 2.x asks for the stream of an object by its subject.
    ...(use.reads ? [...readsAll(api, stream), `${api}.STREAM.NAMES`] : []),
    // Who puts an object looks for the one before, to purge its chunks.
    ...(use.reads || use.writes ? gets(api, stream) : []),
    ...(use.writes ? [`$O.${name}.>`, `${api}.STREAM.PURGE.${stream}`] : []),
  ];
}

function bucketOf(option: string, use: BucketUse, prefix: string): { name: string; stream: string } {
  knownKeys(option, use, ['name', 'reads', 'writes', 'creates']);
  const name = checkedName(`${option}.name`, use.name);
  return { name, stream: `${prefix}_${name}` };
}

const looks = (api: string, stream: string) => [`${api}.STREAM.INFO.${stream}`];
const creates = (api: string, stream: string) => [`${api}.STREAM.CREATE.${stream}`];
const gets = (api: string, stream: string) => [
  `${api}.STREAM.MSG.GET.${stream}`,
  `${api}.DIRECT.GET.${stream}`,
  `${api}.DIRECT.GET.${stream}.>`,
];

/** With consumers of one's own. Their names may have a filter behind them, or, of ordered consumers, be new each time. */
function readsAll(api: string, stream: string): string[] {
  return [
    ...['CREATE', 'INFO', 'MSG.NEXT', 'DELETE'].map((verb) => `${api}.CONSUMER.${verb}.${stream}.>`),
    // A consumer without a name is made under the name of its stream alone.
    `${api}.CONSUMER.CREATE.${stream}`,
    ...acks(stream),
  ];
}

/** Acknowledgements, and answers to the flow control of what is pushed. */
function acks(consumers: string): string[] {
  return [`$JS.ACK.${consumers}.>`, `$JS.FC.${consumers}.>`];
}
