import { setTimeout as pause } from 'node:timers/promises';

import type { UserInfo, UserInfoProvider, UserInfoRequest } from 'nestjs-nats-auth';

import type { ProviderMood, SoakUser } from './protocol.js';

const SLOW_MS = 300;
const HANG_MS = 60_000;

/** Gives the users in turns, and does what its mood is. It remembers nothing, so that it does not grow. */
export class MoodyProvider implements UserInfoProvider {
  mood: ProviderMood = 'well';
  #turn = 0;

  constructor(private readonly users: readonly SoakUser[]) {}

  /** Whose turn it is. */
  get current(): SoakUser {
    const current = this.users[this.#turn % this.users.length];
    if (!current) throw new Error('There are no users.');
    return current;
  }

  /** The next user has its turn. */
  turn(): void {
    this.#turn++;
  }

  async getUserInfo({ signal }: UserInfoRequest): Promise<UserInfo> {
    const { current } = this;
    if (this.mood === 'slow') await pause(SLOW_MS, undefined, { signal });
    if (this.mood === 'hanging') await pause(HANG_MS, undefined, { signal });
    if (this.mood === 'failing') throw new Error('The provider is down.');
    return this.mood === 'wrong' ? { ...current, pass: 'wrong' } : { ...current };
  }
}
