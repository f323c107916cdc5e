import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import {
  backoffDelay,
  ClosedError,
  type Emitter,
  OptionsInvalidError,
  sleep,
  systemClock,
} from '../../../libs/base/index.js';
import type { Callout, CalloutEvents, CalloutSettings } from '../../../libs/callout/index.js';
import type { NatsConnection } from '../../module/nats-connection.js';
import type { KnownSessions } from './known-sessions.js';
import { type EndedSessions, endSessions, type Session, sessionsOf } from './sessions.js';
import { SystemAccount, type SystemAnswer } from './system-account.js';

/**
 * Where a revocation is in force.
 * @public
 */
export interface Administered {
  /** How many instances know of it, this one included. Without `system` it is 1: the others go on admitting. */
  readonly instances: number;
}

/**
 * What a kick has ended.
 * @public
 */
export interface Kicked {
  /** How many sessions. */
  readonly sessions: number;
  /** Where they were. */
  readonly servers: readonly EndedSessions[];
}

/** What an administrator works with. */
export interface AdministrationParts {
  /** The callout's name. */
  readonly name: string;
  readonly settings: Pick<CalloutSettings, 'queue' | 'accounts' | 'revoked'>;
  readonly callout: Pick<Callout, 'revoke' | 'restore'>;
  readonly events: Emitter<CalloutEvents>;
  readonly known: KnownSessions;
  /** A connection of a user of the system account. */
  readonly system?: SystemParts;
}

interface SystemParts {
  /** Opens it, or gives that which is open. */
  readonly connection: () => Promise<NatsConnection>;
  readonly inboxPrefix?: string;
}

/** In the system account, so that nobody but its users can publish it. */
const SUBJECT = 'NATS_AUTH.CALLOUT.ADMINISTRATION';

/** Pauses before the system account is tried again. */
const RETRY = { initialDelay: 1_000, maxDelay: 30_000, factor: 2 };

/** What instances tell and ask each other. */
type Message =
  | { readonly action: 'revoke' | 'restore' | 'sessions'; readonly who: string }
  | { readonly action: 'revoked' };

/** Revokes, restores and kicks: in this instance, and with a user of the system account in all of the queue group and on all servers. */
export class Administration implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #over = new AbortController();
  readonly #revoked: Set<string>;
  /** Those who are not revoked by the options. */
  readonly #told = new Set<string>();
  #system?: Promise<SystemAccount>;
  #hasBegun = false;

  constructor(private readonly parts: AdministrationParts) {
    this.#revoked = new Set(parts.settings.revoked);
  }

  /** Begins in the background: a callout answers servers with or without its administrator. */
  onApplicationBootstrap(): void {
    const { system } = this.parts;
    // Nest calls it twice when a microservice is initialized by itself, and listens later.
    if (!system || this.#hasBegun) return;
    this.#hasBegun = true;
    void this.#begin(system);
  }

  onModuleDestroy(): void {
    this.#over.abort(new ClosedError('The callout'));
  }

  /** @throws {@link SystemAccountError} it is in force in this instance, and perhaps in others. */
  revoke(who: string): Promise<Administered> {
    return this.#everywhere('revoke', who);
  }

  /** @throws {@link SystemAccountError} it is in force in this instance, and perhaps in others. */
  restore(who: string): Promise<Administered> {
    return this.#everywhere('restore', who);
  }

  /**
   * @throws {@link OptionsInvalidError} without `system`.
   * @throws {@link SystemAccountError}
   */
  async kick(who: string): Promise<Kicked> {
    const { events, name, settings, system } = this.parts;
    if (!system)
      throw new OptionsInvalidError(
        'system',
        `callout '${name}' has none, and only a user of the system account can end sessions: give it to NatsAuthCalloutModule.`,
      );
    const account = await this.#account(system);
    const [named, known] = await Promise.all([
      sessionsOf(who, accountsOf(settings), account),
      this.#ask(account, { action: 'sessions', who }),
    ]);
    const servers = await endSessions(
      distinct([...named, ...known.flatMap(({ data }) => sessionsIn(data))]),
      account,
    );
    events.emit('administered', { connection: name, action: 'kicked', who });
    return { sessions: servers.reduce((sum, { sessions }) => sum + sessions, 0), servers };
  }

  /** Hears what other instances are told from now on, and asks them who is revoked already. */
  async #begin(system: SystemParts): Promise<void> {
    const { signal } = this.#over;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        const answers = await this.#ask(await this.#account(system), { action: 'revoked' });
        for (const who of answers.flatMap(({ data }) => textsIn(data, 'revoked'))) this.#apply('revoke', who);
        return;
      } catch {
        // The events of its connection have told why.
        await sleep(systemClock, backoffDelay(RETRY, failures, Math.random), signal).catch(() => {});
      }
    }
  }

  async #everywhere(action: 'revoke' | 'restore', who: string): Promise<Administered> {
    if (who === '') throw new OptionsInvalidError('who', 'is empty: name an admission, or a public NKey.');
    this.#apply(action, who);
    const { system } = this.parts;
    if (!system) return { instances: 1 };
    const answers = await this.#ask(await this.#account(system), { action, who });
    return { instances: answers.length };
  }

  /** This instance answers as well: somebody always does. */
  #ask(account: SystemAccount, message: Message): Promise<SystemAnswer[]> {
    return account.askAll(SUBJECT, { ...message, queue: this.parts.settings.queue });
  }

  #account(system: SystemParts): Promise<SystemAccount> {
    this.#system ??= this.#open(system).catch((error: unknown) => {
      this.#system = undefined;
      throw error;
    });
    return this.#system;
  }

  async #open({ connection, inboxPrefix }: SystemParts): Promise<SystemAccount> {
    const account = new SystemAccount(await connection(), systemClock, inboxPrefix);
    await account.verify();
    await account.serve(SUBJECT, (message) => this.#answer(message));
    return account;
  }

  #answer(message: object): object | undefined {
    const { queue, action, who } = message as Record<string, unknown>;
    if (queue !== this.parts.settings.queue) return undefined;
    if (action === 'revoked') return { revoked: [...this.#told] };
    if (typeof who !== 'string') return undefined;
    if (action === 'sessions') return { sessions: this.parts.known.of(who) };
    if (action !== 'revoke' && action !== 'restore') return undefined;
    this.#apply(action, who);
    return {};
  }

  #apply(action: 'revoke' | 'restore', who: string): void {
    if (action === 'revoke') this.#told.add(who);
    else this.#told.delete(who);
    if (this.#revoked.has(who) === (action === 'revoke')) return;
    if (action === 'revoke') this.#revoked.add(who);
    else this.#revoked.delete(who);
    this.parts.callout[action](who);
  }
}

/** By which servers know the accounts of clients: a user of the same name in another one is somebody else. */
function accountsOf({ accounts }: Pick<CalloutSettings, 'accounts'>): ReadonlySet<string> {
  const all = [...accounts.byName.values()];
  return new Set(all.map((account) => (account.mode === 'operator' ? account.publicKey : account.name)));
}

function distinct(sessions: readonly Session[]): Session[] {
  return [...new Map(sessions.map((session) => [`${session.serverId} ${session.id}`, session])).values()];
}

function textsIn(data: unknown, field: 'revoked'): string[] {
  return listIn(data, field).filter((value) => typeof value === 'string');
}

function sessionsIn(data: unknown): Session[] {
  return listIn(data, 'sessions') as Session[];
}

function listIn(data: unknown, field: string): unknown[] {
  const list = (data as Record<string, unknown> | undefined)?.[field];
  return Array.isArray(list) ? (list as unknown[]) : [];
}
