import { randomBytes } from 'node:crypto';

import { type Clock, NatsAuthError } from '../../../libs/base/index.js';
import type { NatsConnection } from '../../module/nats-connection.js';

/** What a server answers, at least. */
export interface SystemAnswer {
  readonly server?: { readonly id?: string; readonly name?: string };
  readonly data?: unknown;
  readonly error?: { readonly description?: string };
}

/** How long a first answer may take, and how long after one another may come, in ms. */
const FIRST_ANSWER_MS = 2_000;
const NEXT_ANSWER_MS = 400;

/** Asks as a user of the system account. */
export class SystemAccount {
  constructor(
    private readonly nc: NatsConnection,
    private readonly clock: Clock,
    private readonly inboxPrefix = '_INBOX',
  ) {}

  /**
   * In another account servers answer as well, about that account alone.
   * @throws {@link SystemAccountError} its user is not one of the system account.
   */
  async verify(): Promise<void> {
    if (!(await this.ask('$SYS.REQ.SERVER.PING', {}))) throw new SystemAccountError(NO_ANSWER);
  }

  /** What one server answers; `undefined` if it does not. */
  async ask(subject: string, request: object): Promise<SystemAnswer | undefined> {
    const [answer] = await this.#answers(subject, request, 1);
    return answer;
  }

  /**
   * What all answer. Nobody knows how many there are: it waits until no more come.
   * @throws {@link SystemAccountError} nobody answers.
   */
  async askAll(subject: string, request: object): Promise<SystemAnswer[]> {
    const answers = await this.#answers(subject, request, Infinity);
    if (answers.length > 0) return answers;
    throw new SystemAccountError(NO_ANSWER);
  }

  /**
   * Answers what is asked at a subject, for as long as the connection lives.
   * @param answer `undefined` for what is not to be answered.
   */
  async serve(subject: string, answer: (message: object) => object | undefined): Promise<void> {
    this.nc.subscribe(subject, {
      callback: (error, message) => {
        const data = error ? undefined : answer(parsed(message.data));
        if (data && message.reply) message.respond(JSON.stringify({ data }));
      },
    });
    await this.nc.flush();
  }

  #answers(subject: string, request: object, most: number): Promise<SystemAnswer[]> {
    const reply = `${this.inboxPrefix}.${randomBytes(12).toString('hex')}`;
    return new Promise((resolve, reject) => {
      const answers: SystemAnswer[] = [];
      let cancel = this.clock.after(FIRST_ANSWER_MS, () => end());
      const end = (error?: Error) => {
        cancel();
        subscription.unsubscribe();
        if (error) reject(error);
        else resolve(answers);
      };
      const subscription = this.nc.subscribe(reply, {
        callback: (error, message) => {
          if (error)
            return end(new SystemAccountError('The inbox of its user is refused.', { cause: error }));
          if (message.headers?.code === NOBODY_HEARS) return end(new SystemAccountError(NO_SYSTEM_USER));
          answers.push(parsed(message.data));
          if (answers.length >= most) return end();
          cancel();
          cancel = this.clock.after(NEXT_ANSWER_MS, () => end());
        },
      });
      this.nc.publish(subject, JSON.stringify(request), { reply });
    });
  }
}

/** The status of a request that has no responders. */
const NOBODY_HEARS = 503;
const NO_ANSWER = `Nobody has answered within ${FIRST_ANSWER_MS / 1_000} s.`;
const NO_SYSTEM_USER = `No server hears it. Is the user of 'system' one of the system account?`;

/**
 * What an administrator asked of the servers could not be done: over the system account they do not answer.
 * @public
 */
export class SystemAccountError extends NatsAuthError {
  override name = 'SystemAccountError';

  constructor(problem: string, options?: ErrorOptions) {
    super('SYSTEM_ACCOUNT', `The servers cannot be asked over the system account. ${problem}`, options);
  }
}

/** An object in any case: what is none has no fields. */
function parsed(data: Uint8Array | undefined): object {
  try {
    const value: unknown = JSON.parse(Buffer.from(data ?? []).toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
