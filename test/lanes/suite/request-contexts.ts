import { AsyncLocalStorage } from 'node:async_hooks';

import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ClsServiceManager } from 'nestjs-cls';

/** What keeps the user of a request, each in its way. */
export interface RequestContext {
  /** Runs work in a request of `user`. */
  readonly run: <T>(user: string, work: () => T) => T;
  /** Whose request this is, if it is one. */
  readonly user: () => string | undefined;
}

const storage = new AsyncLocalStorage<string>();
const cls = ClsServiceManager.getClsService<{ user: string }>();
const USER = createContextKey('user');
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

export const REQUEST_CONTEXTS: Readonly<Record<string, RequestContext>> = {
  AsyncLocalStorage: {
    run: (user, work) => storage.run(user, work),
    user: () => storage.getStore(),
  },
  'nestjs-cls': {
    run: (user, work) =>
      cls.run(() => {
        cls.set('user', user);
        return work();
      }),
    user: () => (cls.isActive() ? cls.get('user') : undefined),
  },
  OpenTelemetry: {
    run: (user, work) => context.with(context.active().setValue(USER, user), work),
    user: () => context.active().getValue(USER) as string | undefined,
  },
};

/** Whose request this is, as each of them sees it. */
export function usersOfNow(): Record<string, string> {
  const users = Object.entries(REQUEST_CONTEXTS).map(([name, { user }]) => [name, user() ?? 'nobody']);
  return Object.fromEntries(users) as Record<string, string>;
}

/** Runs work in a request of `user`, for each of them at once. */
export function asUser<T>(user: string, work: () => T): T {
  return Object.values(REQUEST_CONTEXTS).reduce<() => T>(
    (inner, { run }) =>
      () =>
        run(user, inner),
    work,
  )();
}

/** What `usersOfNow()` gives where all see the same. */
export function allSee(user: string): Record<string, string> {
  return Object.fromEntries(Object.keys(REQUEST_CONTEXTS).map((name) => [name, user]));
}
