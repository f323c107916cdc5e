import type { InfoInternals } from '../drivers/internals.js';
import { identityOf, isSameServer, type ServerIdentity } from './server-identity.js';

/** The server that answered is the one to leave. */
export class StillThereError extends Error {
  constructor({ serverName = '' }: ServerIdentity) {
    super(`Server ${serverName} has answered, which is in lame-duck mode: the connection is to leave it.`);
  }
}

/** Why a server with this INFO is of no use to a connection that leaves another; `undefined` if it can be used. */
export function stillThere(
  leaving: ServerIdentity,
  info: InfoInternals,
  quote: (said: string) => string,
): StillThereError | undefined {
  const identity = identityOf(info, quote);
  return info.ldm === true || isSameServer(leaving, identity) ? new StillThereError(identity) : undefined;
}

/** How often one address is dialled until a server other than the one to leave answers. */
const MOST_DIALS = 5;

/** Dials an address that several servers may share, again from a new connection each time that the server to leave answers. */
export async function dialElsewhere<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let dials = 1; ; dials++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StillThereError) || dials === MOST_DIALS) throw error;
      signal.throwIfAborted();
    }
  }
}
