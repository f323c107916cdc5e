import type { SubscriptionsInternals } from './drivers/internals.js';

/** The subscriptions of this package; all others on its connections belong to the application. */
const own = new WeakSet<object>();

/** Marks a subscription as made by this package. */
export function ownSubscription<T extends object>(subscription: T): T {
  own.add(subscription);
  return subscription;
}

/**
 * The subjects to which the application has subscribed on a connection, directly or through JetStream and KV. The
 * subscription that awaits the reply to a request does not count: it ends with the request.
 */
export function subjectsOfApplication(subscriptions: SubscriptionsInternals): string[] {
  const requests = subscriptions.getMux();
  return subscriptions
    .all()
    .filter((one) => one !== requests && one.requestSubject === undefined && !own.has(one))
    .map(({ subject }) => subject);
}
