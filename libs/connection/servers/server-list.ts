import { describeValue, OptionsInvalidError, unsetHint } from '../../base/index.js';
import type { ConnectionOptions } from '../options.js';
import { parseServerAddress, type ServerAddress } from './server-address.js';

const ACCEPTED = `Accepted are 'host', 'host:port', 'nats://host:port' and 'tls://host:port', also several with commas between them.`;

/**
 * The addresses in one string or several, without duplicates; a string may be a list, as in other NATS clients:
 * `nats://a:4222,nats://b:4222`.
 * @param option the full name of the option or variable that holds them.
 * @throws {@link OptionsInvalidError}
 */
export function serverAddresses(option: string, servers: unknown): ServerAddress[] {
  const given: unknown[] = Array.isArray(servers) ? Array.from(servers as unknown[]) : [servers];
  if (given.length === 0)
    throw new OptionsInvalidError(
      option,
      `the list is empty: leave it out for a server of this machine. ${ACCEPTED}`,
    );
  const texts = given.flatMap((server) => {
    if (typeof server !== 'string')
      throw new OptionsInvalidError(
        option,
        `each server is a text, got ${describeValue(server)}.${unsetHint(server)} ${ACCEPTED}`,
      );
    // A password may contain a comma.
    return server.includes('@') ? [server] : server.split(',');
  });
  const addresses = new Map<string, ServerAddress>();
  for (const [index, text] of texts.entries()) {
    const address = parseServerAddress(text);
    if ('problem' in address) {
      const which = texts.length > 1 ? ` (address ${index + 1} of ${texts.length})` : '';
      throw new OptionsInvalidError(
        option,
        `${address.problem}${which}.${unsetHint(text.trim())} ${ACCEPTED}`,
      );
    }
    const { hostPort, demandsTls } = address;
    addresses.set(hostPort, {
      hostPort,
      demandsTls: demandsTls || addresses.get(hostPort)?.demandsTls === true,
    });
  }
  return [...addresses.values()];
}

/**
 * The options with their servers named as nats.js names them, and with `tls` wherever TLS is required: by that option, or by
 * one server whose address begins with `tls://`. nats.js drops the scheme of an address, and servers that the cluster
 * announces have none: so what one server requires applies to all.
 * @throws {@link OptionsInvalidError}
 */
export function withParsedServers<T extends Pick<ConnectionOptions, 'servers' | 'tls'>>(options: T): T {
  if (options.servers === undefined) return options;
  const addresses = serverAddresses('connection.servers', options.servers);
  const demandsTls = addresses.some((address) => address.demandsTls);
  if (options.tls === null && demandsTls)
    throw new OptionsInvalidError(
      'connection.tls',
      `null cannot stand beside a 'tls://' address in 'connection.servers', which demands TLS: remove one of them.`,
    );
  const servers = addresses.map(({ hostPort }) => hostPort);
  return demandsTls && !options.tls ? { ...options, servers, tls: {} } : { ...options, servers };
}
