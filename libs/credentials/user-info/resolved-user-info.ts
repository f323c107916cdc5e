import { inspect } from 'node:util';

import { type Operation, REDACTED, scrub } from '../../base/index.js';
import { expiryOf } from './expiry.js';
import { shownUser } from './shown-user.js';
import { kindOf, type UserInfo, type UserInfoKind } from './user-info.js';

/** What may be told about user info. */
export interface UserInfoSummary {
  /** What it proves the identity with. */
  readonly kind: UserInfoKind;
  /** ms since the epoch. */
  readonly resolvedAt: number;
  /** ms since the epoch; absent when it is not known. */
  readonly expiresAt?: number;
}

/** Less than this is found in any text. */
const SHORTEST_SECRET = 4;

/** What may be told of user info that was resolved at `resolvedAt`. */
export function summaryOf(userInfo: UserInfo, resolvedAt: number): UserInfoSummary {
  return summary(kindOf(userInfo), resolvedAt, expiryOf(userInfo, resolvedAt));
}

function summary(kind: UserInfoKind, resolvedAt: number, expiresAt: number | undefined): UserInfoSummary {
  return expiresAt === undefined ? { kind, resolvedAt } : { kind, resolvedAt, expiresAt };
}

/**
 * User info as the source hands it out: it can be logged, inspected and serialized, and shows no secret. Only
 * `reveal()` gives the secrets away.
 * @public
 */
export class ResolvedUserInfo implements UserInfoSummary {
  readonly kind: UserInfoKind;
  readonly expiresAt?: number;
  // A #private field: neither inspect, JSON nor a spread can reach it.
  readonly #userInfo: Readonly<UserInfo>;
  readonly #refresh?: Operation;

  /** @param refresh the provider call that gave it, if somebody observed that. */
  constructor(
    userInfo: UserInfo,
    readonly resolvedAt: number,
    refresh?: Operation,
  ) {
    this.#refresh = refresh;
    this.#userInfo = Object.freeze({ ...userInfo });
    this.kind = kindOf(userInfo);
    const expiresAt = expiryOf(userInfo, resolvedAt);
    if (expiresAt !== undefined) this.expiresAt = expiresAt;
  }

  /** The secrets themselves, for `CONNECT`. */
  reveal(): Readonly<UserInfo> {
    return this.#userInfo;
  }

  /** A text of others without these secrets, nor what looks like a secret. */
  scrub(text: string): string {
    const { pass = '', token = '' } = this.#userInfo;
    const secrets = [pass, token]
      .filter((secret) => secret.length >= SHORTEST_SECRET)
      .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
    return scrub(secrets.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, REDACTED), text));
  }

  /** Whom the server sees behind it, for logs: no token, nor what looks like one. */
  get user(): string | undefined {
    return shownUser(this.#userInfo);
  }

  /** The provider call that gave it, if somebody observed that. */
  get refresh(): Operation | undefined {
    return this.#refresh;
  }

  /** How long it stays valid after `now`, in ms; `Infinity` when its expiry is not known. */
  remaining(now: number): number {
    return this.expiresAt === undefined ? Infinity : this.expiresAt - now;
  }

  toJSON(): UserInfoSummary {
    return summary(this.kind, this.resolvedAt, this.expiresAt);
  }

  toString(): string {
    return `UserInfo(${this.kind} ${REDACTED})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
