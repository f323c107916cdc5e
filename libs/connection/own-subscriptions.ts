import type { SubscriptionsInternals } from './drivers/internals.js';

/** What this package has subscribed; everything else on its connections is the application's. */
const own = new WeakSet<object>();

/** Marks a subscription of this package. */
export function ownSubscription<T extends object>(subscription: T): T {
  own.add(subscription);
  return subscription;
}

/**
 * The subjects that the application has subscribed on a connection, by itself or through JetStream and KV. What waits for the
 * reply to a request is none: it ends with the request.
 */
export function subjectsOfApplication(subscriptions: SubscriptionsInternals): string[] {
  const requests = subscriptions.getMux();
  return subscriptions
    .all()
    .filter((one) => one !== requests && one.requestSubject === undefined && !own.has(one))
    .map(({ subject }) => subject);
}
