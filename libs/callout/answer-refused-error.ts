import { NatsAuthError } from '../base/index.js';

/** A server writes two keys and some words. */
const LONGEST_REASON = 400;

/**
 * A server did not accept the answer of a callout, so the client did not come in. The message has the words of the server.
 * @public
 */
export class AnswerRefusedError extends NatsAuthError {
  override name = 'AnswerRefusedError';

  /** @param hint what to do, where the words tell. */
  constructor(reason: string, hint?: string) {
    super('ANSWER_REFUSED', hint ? `${words(reason)} ${hint}` : words(reason));
  }
}

function words(reason: string): string {
  return `The NATS server did not accept an answer: '${reason.slice(0, LONGEST_REASON)}'.`;
}
