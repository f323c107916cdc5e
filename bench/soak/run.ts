import { setTimeout as pause } from 'node:timers/promises';

import { eventually } from 'nestjs-nats-auth/testing';

import type { Child } from '../child/child.js';
import { drawFaults, type Fault, FAULTS } from './faults.js';
import { judge, type Verdict } from './flatness.js';
import { shown } from './lines.js';
import { type Sample, takeSample } from './sample.js';
import type { ServiceCommands } from './service/service.js';
import { look, settled, type Stage } from './stage.js';

const FAULT_MS = [300, 1_800] as const;
/** A look at the whole heap stops the service for a second. */
const SAMPLE_EVERY_MS = 15_000;
/** In a short run there are as many samples as that, if there are as many faults. */
const FEWEST_SAMPLES = 12;
/** Between faults, so that there are rotations with nothing broken. */
const CALM_MS = [1_500, 3_000] as const;
/** A fault and what comes after it take a tenth of that; a service that hangs never answers. */
const ROUND_WITHIN_MS = 120_000;

/** What a soak came to. */
export interface Outcome {
  /** Without the warm-up. */
  readonly judged: readonly Sample[];
  readonly verdicts: readonly Verdict[];
  /** One line for each thing that is not as it should be. */
  readonly problems: readonly string[];
}

/** Plays faults on a service one after another, and measures it after each. */
export class Soak {
  readonly #samples: Sample[] = [];
  readonly #problems: string[] = [];
  readonly #startedAt = performance.now();
  #faults = 0;

  /** @param random numbers from 0 to 1 that decide on the faults. */
  constructor(
    readonly stage: Stage,
    readonly service: Child<ServiceCommands>,
    private readonly random: () => number,
    private readonly onSample: (sample: Sample) => void,
  ) {}

  /** Goes on for so long, and ends early when the service does not recover from a fault. */
  async run(forMs: number): Promise<Outcome> {
    const sampleEveryMs = Math.min(SAMPLE_EVERY_MS, forMs / FEWEST_SAMPLES);
    await this.service.ask('resume', null);
    for (const fault of drawFaults(this.random)) {
      const round = async () => {
        await this.#play(fault);
        if (this.#elapsedMs - (this.#samples.at(-1)?.atMs ?? 0) >= sampleEveryMs) await this.#sample(fault);
      };
      if (!(await this.#attempt(`after '${fault.name}'`, round)) || this.#elapsedMs > forMs) break;
    }
    await this.#attempt('at the end', () => this.service.ask('rest', null));
    await this.#attempt('at the end', async () => {
      this.#problems.push(...(await this.service.ask('tally', null)).problems);
    });
    return this.#outcome();
  }

  /** Closes the application, which must leave nothing behind. */
  async close(): Promise<readonly string[]> {
    const before = this.#problems.length;
    await this.#attempt('after the close', async () => {
      await this.service.ask('close', null);
      await eventually(async () => (await look(this.stage)).connections === 0, {
        what: 'the server to have no connection',
      });
    });
    return this.#problems.slice(before);
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  async #play(fault: Fault): Promise<void> {
    const { stage, service } = this;
    this.#faults++;
    await service.ask('beginFault', fault.harm);
    await fault.play({ stage, service, holdMs: this.#between(FAULT_MS) });
    await settled(stage);
    await service.ask('recover', null);
    await service.ask('endFault', null);
    await pause(this.#between(CALM_MS));
  }

  async #sample(fault: Fault): Promise<void> {
    const at = { atMs: this.#elapsedMs, after: fault.name, faults: this.#faults };
    const sample = await takeSample(this, at);
    this.#samples.push(sample);
    this.onSample(sample);
    const letIn = sample.server.users.join();
    if (letIn !== sample.user) throw new Error(`'${sample.user}' was presented, the server knows '${letIn}'`);
  }

  /** Notes what goes wrong; tells whether it went well. */
  async #attempt(when: string, action: () => Promise<void>): Promise<boolean> {
    const timeUp = new AbortController();
    const late = pause(ROUND_WITHIN_MS, undefined, { signal: timeUp.signal, ref: false }).then(() => {
      throw new Error(`nothing happened for ${ROUND_WITHIN_MS / 1_000} s`);
    });
    late.catch(() => undefined);
    try {
      await Promise.race([action(), late]);
      return true;
    } catch (error) {
      this.#problems.push(`${when}: ${String(error).replace(/^(Error: )+/, '')}`);
      return false;
    } finally {
      timeUp.abort();
    }
  }

  #outcome(): Outcome {
    // Each fault does some things for the first time; in a short run the first third has to do.
    const warm = this.#samples.findIndex(({ faults }) => faults >= FAULTS.length);
    const third = Math.floor(this.#samples.length / 3);
    const judged = this.#samples.slice(warm < 0 ? third : Math.min(warm, third));
    const verdicts = judge(judged);
    const uneven = verdicts
      .filter(({ flat }) => !flat)
      .map(
        ({ name, first, last, bound }) =>
          `not flat: ${name}: ${shown(first)}, then ${shown(last)} (${bound})`,
      );
    if (verdicts.length === 0 && this.#problems.length === 0)
      uneven.push('too few samples to compare: give it more minutes');
    return { judged, verdicts, problems: [...this.#problems, ...uneven] };
  }

  #between([from, to]: readonly [number, number]): number {
    return from + this.random() * (to - from);
  }
}
