import type { SystemAccount, SystemAnswer } from './system-account.js';

/** A connection in a server. */
export interface Session {
  readonly serverId: string;
  readonly serverName: string;
  /** Of the connection, in that server; no other gets it for as long as the server runs. */
  readonly id: number;
}

/**
 * Sessions that an administrator has ended on one server.
 * @public
 */
export interface EndedSessions {
  /** The server's name. */
  readonly server: string;
  /** How many there were. */
  readonly sessions: number;
}

/** What a server tells of a page of its connections. */
interface Connz {
  readonly connections?: readonly {
    readonly cid?: number;
    readonly authorized_user?: string;
    readonly account?: string;
  }[];
}

/** So many connections a server tells at once. */
const PAGE = 1_024;
/** So many kicks wait for their answers at once. */
const AT_ONCE = 32;

/**
 * The sessions of a user, on all servers of the cluster. nats-server knows a user that a callout has admitted by the name of the admission.
 * @param accounts names, or in operator mode public keys: a user of that name in another account is somebody else.
 */
export async function sessionsOf(
  name: string,
  accounts: ReadonlySet<string>,
  system: SystemAccount,
  page = PAGE,
): Promise<Session[]> {
  const question = { auth: true, user: name, limit: page };
  const first = await system.askAll('$SYS.REQ.SERVER.PING.CONNZ', { ...question, offset: 0 });
  const found = await Promise.all(first.map((answer) => allPages(answer)));
  return found.flat();

  async function allPages(answer: SystemAnswer): Promise<Session[]> {
    const { id, name: serverName = id } = answer.server ?? {};
    if (id === undefined || serverName === undefined) return [];
    const sessions: Session[] = [];
    let connections = connectionsIn(answer);
    for (let offset = page; ; offset += page) {
      for (const { cid, authorized_user: user, account } of connections)
        if (cid !== undefined && user === name && account !== undefined && accounts.has(account))
          sessions.push({ serverId: id, serverName, id: cid });
      if (connections.length < page) return sessions;
      connections = connectionsIn(await system.ask(`$SYS.REQ.SERVER.${id}.CONNZ`, { ...question, offset }));
    }
  }
}

/** Ends sessions. One that has gone meanwhile is not counted. */
export async function endSessions(
  sessions: readonly Session[],
  system: SystemAccount,
): Promise<EndedSessions[]> {
  const ended = new Map<string, { server: string; sessions: number }>();
  const left = [...sessions];
  const work = async () => {
    for (let session = left.pop(); session; session = left.pop()) {
      const { serverId, serverName, id } = session;
      const answer = await system.ask(`$SYS.REQ.SERVER.${serverId}.KICK`, { cid: id });
      if (!answer || answer.error) continue;
      const before = ended.get(serverId) ?? { server: serverName, sessions: 0 };
      ended.set(serverId, { ...before, sessions: before.sessions + 1 });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...ended.values()];
}

function connectionsIn(answer: SystemAnswer | undefined): NonNullable<Connz['connections']> {
  return (answer?.data as Connz | undefined)?.connections ?? [];
}
