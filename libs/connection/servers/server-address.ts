import { isIPv6 } from 'node:net';

import { quoted } from '../../base/index.js';
import { hasWhiteSpace } from '../subjects.js';

/** The address of a server. */
export interface ServerAddress {
  /** `host:port` as nats.js names it: in lower case, always with the port, IPv6 in brackets. */
  readonly hostPort: string;
  /** Whether it was written with `tls://`. */
  readonly demandsTls: boolean;
}

/** Why a string is not an address, as half a sentence that quotes nothing that may be a secret. */
export interface AddressProblem {
  readonly problem: string;
}

/**
 * Parses one address: `host` or `host:port`, optionally with `nats://` or `tls://`. Anything that nats.js would take for a
 * different address, or for none, is a problem.
 */
export function parseServerAddress(text: string): ServerAddress | AddressProblem {
  // First, because nothing of a string that holds a password may be quoted.
  if (text.includes('@')) {
    return {
      problem:
        'a server URL holds credentials; they come from the UserInfoProvider: remove them from the URL',
    };
  }
  const trimmed = text.trim();
  if (trimmed === '') return { problem: 'an address is empty' };
  if (hasWhiteSpace(trimmed) || /\s/.test(trimmed))
    return { problem: 'an address has white space in it; a comma stands between two addresses' };
  const [, scheme, afterScheme = trimmed] = /^([a-z][\w+.-]*):\/\/(.*)$/i.exec(trimmed) ?? [];
  if (scheme !== undefined && !/^(nats|tls)$/i.test(scheme))
    return { problem: `the scheme ${quoted(scheme)} cannot be dialled` };
  const found = parseHostPort(afterScheme.replace(/\/$/, ''));
  return 'problem' in found ? found : { ...found, demandsTls: /^tls$/i.test(scheme ?? '') };
}

type HostPort = Pick<ServerAddress, 'hostPort'>;

function parseHostPort(text: string): HostPort | AddressProblem {
  if (/[/?#\\]/.test(text))
    return { problem: 'an address has a path or a query, which mean nothing to a NATS server' };
  const [, bracketed, portInBrackets] = /^\[([^[\]]*)\](?::(.*))?$/.exec(text) ?? [];
  if (bracketed !== undefined) return parseIPv6(bracketed, portInBrackets);
  const [name = '', port, ...more] = text.split(':');
  if (more.length === 0) return parseName(name, port);
  // '::1:4222' is itself an IPv6 address.
  const isAmbiguous = /:\d+$/.test(text) && isIPv6(text.replace(/:\d+$/, ''));
  if (!text.includes('%') && (isAmbiguous || !isIPv6(text)))
    return { problem: `an address has several colons; an IPv6 address with a port is written '[::1]:4222'` };
  return parseIPv6(text, undefined);
}

function parseIPv6(address: string, port: string | undefined): HostPort | AddressProblem {
  if (address.includes('%'))
    return { problem: 'nats.js dials no IPv6 address with a zone (%): use a name or another address' };
  if (!isIPv6(address)) return noHost(address);
  // As nats.js does: the machine may not have IPv6.
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  return withPort(mapped ?? new URL(`http://[${address}]`).hostname, port);
}

const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

function parseName(name: string, port: string | undefined): HostPort | AddressProblem {
  if (name === '') return { problem: 'an address has no host' };
  if (/^\d+$/.test(name)) return { problem: `an address is a mere number; a port stands behind its host` };
  if (!URL.canParse(`http://${name}`) || /[%[\]]/.test(name)) return noHost(name);
  // nats.js uses this URL parser, which accepts short forms of IPv4 and names that are not ASCII.
  const host = new URL(`http://${name}`).hostname;
  const labels = host.replace(/\.$/, '').split('.');
  const isName = labels.every((label) => label.length <= LONGEST_LABEL && /^[\w-]+$/.test(label));
  return isName && host.length <= LONGEST_NAME ? withPort(host, port) : noHost(name);
}

const DEFAULT_PORT = 4_222;
const HIGHEST_PORT = 65_535;

function withPort(host: string, text = String(DEFAULT_PORT)): HostPort | AddressProblem {
  if (text === '') return { problem: `the port of ${quoted(host)} is empty` };
  // Not quoted: it is the password if the host was left out.
  if (!/^\d+$/.test(text)) return { problem: `the port of ${quoted(host)} is no number` };
  const port = Number(text);
  if (port >= 1 && port <= HIGHEST_PORT) return { hostPort: `${host}:${port}` };
  return { problem: `the port of ${quoted(`${host}:${text}`)} is not from 1 to ${HIGHEST_PORT}` };
}

function noHost(name: string): AddressProblem {
  // A mangled token consists of the same characters, and is longer.
  const isTellable = /^[\w.:*-]{1,30}$/.test(name);
  return { problem: `${isTellable ? quoted(name) : 'what an address begins with'} is no name of a host` };
}
