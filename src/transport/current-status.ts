import type { NatsConnection } from '../module/nats-connection.js';

/** What the status loops of `ServerNats` and `ClientNats` use. */
export interface StatusLoop {
  /** The connection that the transport uses. */
  readonly current: () => unknown;
  /** Whether our own log tells when this subscription is refused. */
  readonly tellsRefusalOf?: (subject: string) => boolean;
}

/**
 * What the stock status loop follows, and on whose behalf: it goes on to feed `status` and `on()`, and tells the status of `client` only
 * while `client` is the current one, so that a connection that has handed over closes without a word.
 *
 * Its lines are about what our own log tells, with the reason and once: a rejected dial would make four of them. They become
 * lines of level `debug`, but for what nobody else tells.
 */
export function stockStatusLoop<T extends object>(
  owner: T,
  client: NatsConnection,
  { current, tellsRefusalOf = () => false }: StatusLoop,
): { readonly owner: T; readonly client: Pick<NatsConnection, 'status'> } {
  let isNews = false;
  const status = async function* () {
    let isUp = true;
    for await (const status of client.status()) {
      if (current() !== client) return;
      const { type } = status as { type?: unknown };
      // While it is down, nats.js tells each dial that fails as a disconnect, and what the server said as an error.
      if (!isUp && (type === 'disconnect' || type === 'error')) continue;
      if (type === 'disconnect' || type === 'reconnect') isUp = type === 'reconnect';
      const denied = deniedBy(status);
      isNews =
        denied !== undefined && !(denied.operation === 'subscription' && tellsRefusalOf(denied.subject));
      yield status;
    }
  };
  return { owner: withLogger(owner, () => isNews), client: { status } };
}

/** What the credentials have no permission for, by a status of either major of nats.js. */
function deniedBy(status: unknown): { readonly operation: string; readonly subject: string } | undefined {
  const { error, permissionContext } = status as { error?: unknown; permissionContext?: unknown };
  const { operation, subject } = (permissionContext ?? error ?? {}) as Record<string, unknown>;
  return typeof operation === 'string' && typeof subject === 'string' ? { operation, subject } : undefined;
}

/** The same object to whoever uses it, but for a logger whose lines are of level `debug` unless they are news. */
function withLogger<T extends object>(owner: T, isNews: () => boolean): T {
  return new Proxy(owner, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return name === 'logger' && !isNews() ? demoted(value as Logging) : value;
    },
  });
}

type Logging = Record<'log' | 'warn' | 'error' | 'debug', (...args: unknown[]) => void>;

function demoted(logger: Logging): Logging {
  const debug = (...args: unknown[]) => logger.debug(...args);
  return { log: debug, warn: debug, error: debug, debug };
}

/** `NatsStatus.CONNECTED`, which is an enumeration that exists for the compiler only. */
export const CONNECTED = 'connected' as never;
