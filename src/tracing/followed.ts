import { type Facts, isolated, type Operation } from '../../libs/base/index.js';
import type { ToldOperation } from './channels.js';
import type { SpanOperation } from './span-operation.js';

/** What a processor of spans throws is its own affair. */
const ignored = () => {};

/** An operation that somebody follows: with a span, on a channel, or both. */
export class Followed implements Operation {
  #isFailed = false;
  #isOver = false;

  constructor(
    readonly span: SpanOperation | undefined,
    readonly told: ToldOperation | undefined,
  ) {}

  get isOver(): boolean {
    return this.#isOver;
  }

  run<T>(work: () => T): T {
    const { span, told } = this;
    const inSpan = span ? () => span.run(work) : work;
    return told ? told.run(inSpan) : inSpan();
  }

  note(what: string, facts?: Facts, error?: unknown): void {
    if (this.#isOver) return;
    isolated(() => this.span?.note(what, facts, error), ignored);
    this.told?.note(what, facts, error);
  }

  follows(other: Operation): void {
    if (this.#isOver || !(other instanceof Followed)) return;
    const { span, told } = other;
    if (span) isolated(() => this.span?.follows(span), ignored);
    if (told) this.told?.follows(told);
  }

  failed(error: unknown): void {
    if (this.#isOver || this.#isFailed) return;
    this.#isFailed = true;
    isolated(() => this.span?.failed(error), ignored);
    this.told?.failed(error);
  }

  end(facts?: Facts): void {
    if (this.#isOver) return;
    this.#isOver = true;
    isolated(() => this.span?.end(facts), ignored);
    this.told?.end(facts);
  }
}
