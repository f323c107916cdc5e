import type { AddressInUse } from './address-in-use.js';
import type { ServerInternals, ServerPoolInternals } from '../drivers/internals.js';
import type { ConnectionOptions } from '../options.js';

/** Which servers a connection that takes over dials, and in which order. */
export interface DialOrder {
  /** `host:port` of each. */
  readonly servers: string[];
  /** Those among them that the cluster told of: they are forgotten when it does not tell of them any more. */
  readonly gossiped: ReadonlySet<string>;
  /** The address in use, and where it belongs among those of its server. */
  readonly inUse?: AddressInUse & { readonly place: 'first' | 'last' };
}

/** What is known of the servers of the connection that is in use. */
export interface KnownServers {
  readonly options: Pick<ConnectionOptions, 'servers' | 'noRandomize' | 'tls'>;
  readonly pool: ServerPoolInternals;
  /** What it is, or was last, connected to. */
  readonly inUse: AddressInUse | undefined;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
}

/**
 * The server in use before the others, and its address before others of its name: where one server has it, interest need not spread, and the
 * load stays where it is. What the cluster tells of may be out of reach from here, so the addresses of the options come before that.
 */
export function sameAddressFirst(known: KnownServers): DialOrder | undefined {
  const { inUse } = known;
  const { own, told } = inOrder(known);
  // A certificate need not name an address that the cluster told of.
  if (!inUse || ![...own, ...told].includes(inUse.server)) return undefined;
  const others = [...own, ...told].filter((server) => server !== inUse.server);
  return {
    servers: [inUse.server, ...others],
    gossiped: new Set(told),
    inUse: { ...inUse, place: 'first' },
  };
}

/**
 * The server in use after the others of its kind, and its address after others of its name: the server there is about to end. Where it is
 * in the options it comes before what the cluster tells of all the same, because other servers may share it.
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

/** Tells nats.js which servers of the pool nobody has configured. */
export function markGossiped(pool: ServerPoolInternals, { gossiped }: DialOrder): void {
  for (const server of pool.getServers()) server.gossiped ||= gossiped.has(server.toString());
}

/**
 * Makes the pool of a connection that is established for the first time what it is by the options and the cluster: nats.js drops
 * a server that could not be reached, and the address of the server that was to be dialled first may be in it.
 */
export function settlePool(pool: ServerPoolInternals, options: KnownServers['options']): void {
  const wanted = new Set(configured(options));
  const isWanted = (server: ServerInternals) => server.gossiped || wanted.has(server.toString());
  for (const server of pool.getServers().filter((server) => !isWanted(server))) pool.removeServer(server);
  const there = new Set(pool.getServers().map(String));
  for (const server of wanted) if (!there.has(server)) pool.addServer(server);
}

/** The servers of the options, and the others that the cluster told of. */
function inOrder({ options, pool, random }: KnownServers): { own: string[]; told: string[] } {
  const own = [...new Set(configured(options))];
  // With TLS only those are dialled whose names the certificates were made for.
  const gossiped = options.tls ? [] : pool.getServers().filter((server) => server.gossiped);
  const told = [...new Set(gossiped.map(String))].filter((server) => !own.includes(server));
  return options.noRandomize ? { own, told } : { own: shuffled(own, random), told: shuffled(told, random) };
}

/** The servers of the options, whose addresses have been parsed. */
function configured({ servers = [] }: KnownServers['options']): string[] {
  const given = [servers].flat();
  return given.length > 0 ? given : [DEFAULT_SERVER];
}

/** What nats.js dials when it is told of no server. */
const DEFAULT_SERVER = '127.0.0.1:4222';

function shuffled(servers: string[], random: () => number): string[] {
  return servers
    .map((server) => ({ server, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ server }) => server);
}
