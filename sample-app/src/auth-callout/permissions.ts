import type { Permissions } from '@nats-io/jwt';

import { ORDERS } from '../orders/order-stream.js';
import { PRICES } from '../pricing/prices.js';

interface ServiceRole {
  readonly answers?: string;
  readonly asks?: string;
  /** What it sends for JetStream. */
  readonly jetstream: readonly string[];
}

const BUCKET = `KV_${PRICES}`;

/** What each service does on NATS; whoever is not here is not admitted. */
const ROLES: Readonly<Record<string, ServiceRole>> = {
  orders: {
    answers: 'orders.>',
    asks: 'pricing.>',
    jetstream: [...owns(ORDERS.stream), ...reads(ORDERS.stream), ORDERS.subject],
  },
  pricing: { answers: 'pricing.>', jetstream: [...owns(BUCKET), `$KV.${PRICES}.>`] },
  gateway: { asks: 'orders.>', jetstream: reads(BUCKET) },
};

/** The NATS permissions of a service; `undefined` for one that is not known. */
export function permissionsOf(service: string): Partial<Permissions> | undefined {
  const role = ROLES[service];
  if (!role) return undefined;
  const { answers, asks, jetstream } = role;
  // Replies come to an inbox, and a handover probes its new connection with one. So does what JetStream delivers.
  return {
    pub: { allow: [...(asks ? [asks] : []), ...jetstream, '_INBOX.>'] },
    sub: { allow: [...(answers ? [answers] : []), '_INBOX.>'] },
  };
}

/** To make a stream, but not to change or delete it. */
function owns(stream: string): string[] {
  return ['$JS.API.INFO', `$JS.API.STREAM.CREATE.${stream}`, `$JS.API.STREAM.INFO.${stream}`];
}

/** To read a stream with consumers of one's own, and to acknowledge what was read. */
function reads(stream: string): string[] {
  return [
    '$JS.API.INFO',
    `$JS.API.STREAM.INFO.${stream}`,
    ...['CREATE', 'INFO', 'MSG.NEXT', 'DELETE'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.>`),
    `$JS.ACK.${stream}.>`,
    `$JS.FC.${stream}.>`,
  ];
}
