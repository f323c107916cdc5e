import {
  clientPermissions,
  handoverPermissions,
  jetstreamPermissions,
  mergePermissions,
  servicePermissions,
  type UserPermissions,
} from 'nestjs-nats-auth/callout';

import { ORDERS } from '../orders/order-stream.js';
import { PRICES } from '../pricing/prices.js';

/** What each service does on NATS, and nothing else; whoever is not here is not admitted. */
const SERVICES: Readonly<Record<string, readonly UserPermissions[]>> = {
  orders: [
    servicePermissions({ handles: ['orders.get'] }),
    clientPermissions({ sends: ['pricing.>'] }),
    jetstreamPermissions({
      streams: [{ name: ORDERS.stream, creates: true, publishes: [ORDERS.subject], reads: true }],
    }),
  ],
  pricing: [
    servicePermissions({ handles: ['pricing.quote'] }),
    jetstreamPermissions({ buckets: [{ name: PRICES, creates: true, writes: true }] }),
  ],
  gateway: [
    clientPermissions({ sends: ['orders.>'] }),
    jetstreamPermissions({ buckets: [{ name: PRICES, reads: true }] }),
  ],
};

/** The NATS permissions of a service; `undefined` for one that is not known. */
export function permissionsOf(service: string): UserPermissions | undefined {
  const own = SERVICES[service];
  return own && mergePermissions(...own, handoverPermissions());
}
