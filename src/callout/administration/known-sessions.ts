import type { Authorizer, CalloutRequest } from '../../../libs/callout/index.js';
import type { Session } from './sessions.js';

/** Those of a large fleet, and of an identity that many share; who is beyond that can be kicked by name only. */
const MOST_SESSIONS = 50_000;
const MOST_OF_ONE = 1_000;

/**
 * Remembers which sessions belong to whom, where servers do not: they know a user by the name of its admission only, and not by the NKey, the JWT or the user name
 * that it has presented.
 */
export class KnownSessions {
  /** By whom; oldest first, so that they are the first to be forgotten. */
  readonly #sessions = new Map<string, Session[]>();
  #size = 0;

  constructor(private readonly most = MOST_SESSIONS) {}

  /** The same authorizer; whom it admits is remembered. */
  following(authorizer: Authorizer): Authorizer {
    return {
      authorize: async (request, context) => {
        const admission = await authorizer.authorize(request, context);
        this.#add(request);
        return admission;
      },
    };
  }

  /** Sessions that this instance has admitted; some may be over. */
  of(who: string): readonly Session[] {
    return this.#sessions.get(who) ?? [];
  }

  #add({ credentials: { user, nkey, jwt }, client, server }: CalloutRequest): void {
    const session: Session = { serverId: server.id, serverName: server.name, id: client.id };
    for (const who of new Set([user, nkey?.publicKey, jwt?.subject])) {
      if (who === undefined) continue;
      const sessions = this.#sessions.get(who) ?? [];
      this.#sessions.delete(who);
      this.#sessions.set(who, sessions);
      if (sessions.push(session) > MOST_OF_ONE) sessions.shift();
      else this.#size++;
    }
    this.#forget();
  }

  #forget(): void {
    for (const [who, sessions] of this.#sessions) {
      if (this.#size <= this.most) return;
      this.#sessions.delete(who);
      this.#size -= sessions.length;
    }
  }
}
