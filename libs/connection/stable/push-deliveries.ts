/**
 * The subjects to which JetStream pushes without a deliver group. It finds nobody interested where such a subject is
 * subscribed in a queue group; what the API answers about a consumer tells which these are.
 */
export class PushDeliveries {
  readonly #subjects = new Set<string>();

  /**
   * @param isInbox whether a subject is one of those that are never subscribed in a group: nothing is learned of these. Ordered
   * consumers and watches have a new one each time.
   */
  constructor(private readonly isInbox: (subject: string) => boolean) {}

  has(subject: string): boolean {
    return this.#subjects.has(subject);
  }

  /**
   * Reads an answer to a request, which may be one of the JetStream API about consumers.
   * @returns the subjects that were not known before.
   */
  learn(answer: Uint8Array): string[] {
    if (!isAboutConsumers(answer)) return [];
    const found = deliverSubjects(answer).filter(
      (subject) => !this.isInbox(subject) && !this.#subjects.has(subject),
    );
    for (const subject of found) this.#subjects.add(subject);
    return found;
  }
}

const START = Buffer.from('{"type":"io.nats.jetstream.api.v1.consumer_');

function isAboutConsumers(answer: Uint8Array): boolean {
  return START.equals(answer.subarray(0, START.length));
}

/** What is read of `ConsumerInfo`. */
interface ConsumerInfo {
  readonly config?: { readonly deliver_subject?: unknown; readonly deliver_group?: unknown };
}

function deliverSubjects(answer: Uint8Array): string[] {
  let parsed: ConsumerInfo & { readonly consumers?: unknown };
  try {
    parsed = JSON.parse(Buffer.from(answer).toString()) as typeof parsed;
  } catch {
    // Not an answer of JetStream after all.
    return [];
  }
  const infos = Array.isArray(parsed.consumers) ? (parsed.consumers as (ConsumerInfo | null)[]) : [parsed];
  return infos.flatMap((info) => {
    const { deliver_subject: subject, deliver_group: group } = info?.config ?? {};
    return typeof subject === 'string' && !group ? [subject] : [];
  });
}
