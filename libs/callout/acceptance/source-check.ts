import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net';

import { describeValue } from '../../base/index.js';
import { AdmissionInvalidError } from '../errors.js';
import { Recent } from '../keys/recent.js';
import { list } from './list.js';

/** An address, or a network. */
interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefix: number;
}

const BITS = { ipv4: 32, ipv6: 128 } as const;
const MAPPED = '::ffff:';

/**
 * Tells whether an address lies in one of these networks.
 * @throws {@link AdmissionInvalidError}
 */
export function sourceCheck(sources: unknown): (host: string) => boolean {
  const texts = list('allowedSources', sources, 'nobody could come in').map((source, index) => {
    if (typeof source === 'string') return source;
    throw noNetwork(source, index);
  });
  const networks = parsed.get(JSON.stringify(texts), () => networksOf(texts)) ?? networksOf(texts);
  return (host) => {
    const client = parseAddress(host);
    return client !== undefined && networks[client.family].check(client.address, client.family);
  };
}

/** One list for both would have `::/0` hold for clients of IPv4, too. */
type Networks = Readonly<Record<Network['family'], BlockList>>;

/** Authorizers give the same few lists again and again. */
const parsed = new Recent<Networks>(256);

function networksOf(sources: readonly string[]): Networks {
  const networks = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [index, source] of sources.entries()) {
    const network = parseNetwork(source);
    if (!network) throw noNetwork(source, index);
    networks[network.family].addSubnet(network.address, network.prefix, network.family);
  }
  return networks;
}

function noNetwork(source: unknown, index: number): AdmissionInvalidError {
  return new AdmissionInvalidError(
    `allowedSources[${index}]`,
    `expected a network in CIDR notation or an address, got ${describeValue(source, 'text')}`,
  );
}

function parseNetwork(source: string): Network | undefined {
  const [text = '', length, ...rest] = source.split('/');
  // A zone would be ignored, and the network wider than it looks.
  const network = rest.length === 0 && !text.includes('%') ? parseAddress(text) : undefined;
  if (!network || length === undefined) return network;
  const isNumber = /^\d{1,3}$/.test(length);
  // The first 96 bits of a mapped address say that it is one.
  const prefix = Number(length) - (isIPv4(text) ? 0 : BITS.ipv6 - network.prefix);
  return isNumber && prefix >= 0 && prefix <= network.prefix ? { ...network, prefix } : undefined;
}

/** An address as a network of its own, without a zone; one of IPv4 that is mapped to IPv6 is that of IPv4. */
function parseAddress(text: string): Network | undefined {
  const version = isIP(text);
  if (version === 0) return undefined;
  if (version === 4) return { address: text, family: 'ipv4', prefix: BITS.ipv4 };
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const mapped = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : '';
  if (isIPv4(mapped)) return { address: mapped, family: 'ipv4', prefix: BITS.ipv4 };
  return { address, family: 'ipv6', prefix: BITS.ipv6 };
}
