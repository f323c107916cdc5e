import type { AddressInUse } from './address-in-use.js';
import type { ServerInternals, ServerPoolInternals } from '../drivers/internals.js';
import type { ConnectionOptions } from '../options.js';

/** The servers that a successor dials, in order. */
export interface DialOrder {
  /** The `host:port` of each server. */
  readonly servers: string[];
  /** Those among them that the cluster announced: they are dropped when it no longer announces them. */
  readonly gossiped: ReadonlySet<string>;
  /** The address in use, and its place among the addresses of its server. */
  readonly inUse?: AddressInUse & { readonly place: 'first' | 'last' };
}

/** What is known about the servers of the connection that is in use. */
export interface KnownServers {
  readonly options: Pick<ConnectionOptions, 'servers' | 'noRandomize' | 'tls'>;
  readonly pool: ServerPoolInternals;
  /** The address that it is, or was last, connected to. */
  readonly inUse: AddressInUse | undefined;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
}

/**
 * The server in use before the others, and its address before other addresses of its name: on the same server, interest need
 * not spread, and the load stays where it is. Servers that the cluster announces may be out of reach from here, so the
 * addresses of the options come before them.
 */
export function sameAddressFirst(known: KnownServers): DialOrder | undefined {
  const { inUse } = known;
  const { own, told } = inOrder(known);
  // A certificate need not cover an address that the cluster announced.
  if (!inUse || ![...own, ...told].includes(inUse.server)) return undefined;
  const others = [...own, ...told].filter((server) => server !== inUse.server);
  return {
    servers: [inUse.server, ...others],
    gossiped: new Set(told),
    inUse: { ...inUse, place: 'first' },
  };
}

/**
 * The server in use after the others of its kind, and its address after other addresses of its name: that server is about to
 * shut down. If it is in the options, it still comes before those that the cluster announces, because other servers may
 * share its address.
 */
export function otherAddressesFirst(known: KnownServers): DialOrder {
  const { inUse } = known;
  const { own, told } = inOrder(known);
  const last = (servers: string[]) => [
    ...servers.filter((server) => server !== inUse?.server),
    ...servers.filter((server) => server === inUse?.server),
  ];
  return {
    servers: [...last(own), ...last(told)],
    gossiped: new Set(told),
    inUse: inUse && { ...inUse, place: 'last' },
  };
}

/** Marks the servers of the pool that are not configured, for nats.js. */
export function markGossiped(pool: ServerPoolInternals, { gossiped }: DialOrder): void {
  for (const server of pool.getServers()) server.gossiped ||= gossiped.has(server.toString());
}

/**
 * Restores the pool of a connection after its first connect to what the options and the cluster say: nats.js drops a server
 * that could not be reached, and the pool may contain the address that was to be dialled first.
 */
export function settlePool(pool: ServerPoolInternals, options: KnownServers['options']): void {
  const wanted = new Set(configured(options));
  const isWanted = (server: ServerInternals) => server.gossiped || wanted.has(server.toString());
  for (const server of pool.getServers().filter((server) => !isWanted(server))) pool.removeServer(server);
  const there = new Set(pool.getServers().map(String));
  for (const server of wanted) if (!there.has(server)) pool.addServer(server);
}

/** The servers of the options, and the others that the cluster announced. */
function inOrder({ options, pool, random }: KnownServers): { own: string[]; told: string[] } {
  const own = [...new Set(configured(options))];
  // With TLS, only those servers are dialled whose names the certificates cover.
  const gossiped = options.tls ? [] : pool.getServers().filter((server) => server.gossiped);
  const told = [...new Set(gossiped.map(String))].filter((server) => !own.includes(server));
  return options.noRandomize ? { own, told } : { own: shuffled(own, random), told: shuffled(told, random) };
}

/** The servers of the options, with their addresses already parsed. */
function configured({ servers = [] }: KnownServers['options']): string[] {
  const given = [servers].flat();
  return given.length > 0 ? given : [DEFAULT_SERVER];
}

/** What nats.js dials when no server is configured. */
const DEFAULT_SERVER = '127.0.0.1:4222';

function shuffled(servers: string[], random: () => number): string[] {
  return servers
    .map((server) => ({ server, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ server }) => server);
}
