import { type NatsAuthEvents, RejectedError } from '../../libs/connection/index.js';
import { type Clock, describeError, type Emitter } from '../../libs/base/index.js';
import type { Role } from '../../libs/credentials/index.js';
import { DialLines } from './dial-lines.js';
import { codeOf } from './fields.js';
import type { Log } from './log.js';
import { Troubles } from './trouble.js';
import { described, duration, named } from './words.js';

type ServerFields = Pick<NatsAuthEvents['connected'], 'server' | 'serverId' | 'serverName'>;

/** One line for each change of a role's connection, with how long it was as it was. */
export function logConnections(events: Emitter<NatsAuthEvents>, log: Log, clock: Clock): void {
  const dials = new DialLines(log, clock, events);
  /** When each role's connection came, and when it went. */
  const [up, down] = [new Map<Role, number>(), new Map<Role, number>()];
  const since = (moments: Map<Role, number>, role: Role): number | undefined => {
    const moment = moments.get(role);
    return moment === undefined ? undefined : clock.elapsed() - moment;
  };
  const lost = (role: Role) => {
    up.delete(role);
    down.set(role, clock.elapsed());
  };
  /** The roles whose loss is told, with the reason that the server gave. */
  const toldLoss = new Set<Role>();
  /** The server that each role is, or was last, connected to. */
  const servers = new Map<Role, ServerFields>();
  const closes = new Troubles<Role>(clock);

  events.on('connected', ({ connection, role, kind, userInfo, user, ...server }) => {
    const failures = dials.forget(role);
    closes.end(role);
    const downMs = kind === 'handover' ? undefined : (since(down, role) ?? failures?.lastedMs);
    const failed = failures && downMs !== undefined ? ` and ${failures.times} in vain` : '';
    const how = downMs === undefined ? kind : `${kind} after ${duration(downMs)}${failed}`;
    const text = `connected to ${named(server)} (${how}), ${described(userInfo, user)}`;
    const { kind: credentials, expiresAt } = userInfo;
    const fields = { event: 'connected', connection, role, kind, ...server, downMs, user };
    log('log', `${connection}/${role}: ${text}`, { ...fields, credentials, expiresAt });
    if (!up.has(role)) up.set(role, clock.elapsed());
    down.delete(role);
    toldLoss.delete(role);
    servers.set(role, server);
  });
  events.on('rejected', (event) => {
    if (event.attempt > 0) return;
    dials.ended(event, since(up, event.role));
    toldLoss.add(event.role);
  });
  events.on('disconnected', ({ connection, role, error }) => {
    const upMs = since(up, role);
    lost(role);
    // The line of the rejection has told it.
    if (toldLoss.has(role) && error instanceof RejectedError) return;
    dials.forget(role);
    const server = servers.get(role);
    const from = server ? ` from ${named(server)}` : '';
    const after = upMs === undefined ? '' : ` after ${duration(upMs)}`;
    const why = error ? describeError(error) : undefined;
    log('warn', `${connection}/${role}: disconnected${from}${after}${why === undefined ? '' : `: ${why}`}`, {
      event: 'disconnected',
      connection,
      role,
      ...server,
      upMs,
      error: why,
      code: codeOf(error),
    });
  });
  events.on('closed', ({ connection, role, error }) => {
    if (up.has(role)) lost(role);
    const fields = { event: 'closed', connection, role };
    if (!error) {
      dials.forget(role);
      closes.end(role);
      down.delete(role);
      return log('log', `${connection}/${role}: closed`, fields);
    }
    // A client that connects for each call is closed anew each time.
    const why = describeError(error);
    const trouble = closes.of(role);
    const news = trouble.happens(error.name);
    if (news === undefined) return;
    const again = news === 'again' ? ` again (${trouble.times} times in ${duration(trouble.lastedMs)})` : '';
    const text = `${connection}/${role}: closed${again}: ${why}`;
    log('error', text, { ...fields, error: why, code: codeOf(error) });
  });
  events.on('lameDuck', ({ connection, role, ...server }) => {
    const text = `${connection}/${role}: ${named(server)} announced lame-duck mode`;
    log('log', text, { event: 'lameDuck', connection, role, ...server });
  });
}
