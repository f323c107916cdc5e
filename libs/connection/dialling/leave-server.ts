import type { InfoInternals } from '../drivers/internals.js';
import { identityOf, isSameServer, type ServerIdentity } from './server-identity.js';

/** The server that is to be left has answered. */
export class StillThereError extends Error {
  constructor({ serverName = '' }: ServerIdentity) {
    super(`Server ${serverName} has answered, which is in lame-duck mode: the connection is to leave it.`);
  }
}

/** Why a server that says this of itself is of no use to a connection that leaves another; `undefined` when it is. */
export function stillThere(
  leaving: ServerIdentity,
  info: InfoInternals,
  quote: (said: string) => string,
): StillThereError | undefined {
  const identity = identityOf(info, quote);
  return info.ldm === true || isSameServer(leaving, identity) ? new StillThereError(identity) : undefined;
}

/** How often one address is dialled until another server than the one to be left answers. */
const MOST_DIALS = 5;

/** Dials an address that others may share with the server to be left, each time from a new connection. */
export async function dialElsewhere(attempt: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let dials = 1; ; dials++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StillThereError) || dials === MOST_DIALS) throw error;
      signal.throwIfAborted();
    }
  }
}
