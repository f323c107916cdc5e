import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually, freePort } from 'nestjs-nats-auth/testing';

import { endWithParent } from '../../../libs/testing/nats-server/end-with-parent.js';
import type { PrometheusBinaries } from './find-prometheus.js';

/** One series of an answer; `values` are pairs of a time in seconds and a number. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: number])[];
}

export interface PrometheusOptions {
  /** `host:port` to scrape. */
  readonly target: string;
  /** Time between two scrapes in ms. */
  readonly everyMs: number;
  /** A file with alerting rules. */
  readonly rules: string;
}

/** A real Prometheus on a free port of 127.0.0.1, in a folder of its own. */
export class Prometheus {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly url: string,
  ) {}

  static async start(binaries: PrometheusBinaries, options: PrometheusOptions): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
    const file = (name: string) => join(folder, name);
    await writeFile(file('prometheus.yml'), configuration(options));
    const address = `127.0.0.1:${await freePort()}`;
    const log = await open(file('log'), 'a');
    const child = spawn(
      binaries.prometheus,
      [
        `--config.file=${file('prometheus.yml')}`,
        `--storage.tsdb.path=${file('data')}`,
        `--web.listen-address=${address}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', log.fd, log.fd] },
    );
    await log.close();
    endWithParent(child, folder);
    const prometheus = new Prometheus(child, folder, `http://${address}`);
    try {
      await eventually(async () => (await fetch(`http://${address}/-/ready`)).ok, {
        what: 'Prometheus to be ready',
        timeoutMs: 30_000,
      });
    } catch (error) {
      const said = await readFile(file('log'), 'utf8');
      await prometheus.stop();
      throw new Error(`Prometheus did not come up: ${said}`, { cause: error });
    }
    return prometheus;
  }

  /** What a query gives now. */
  async query(query: string): Promise<Series[]> {
    const { result } = await this.#get<Answer>('query', { query });
    return result.map(({ metric, value }) => ({ labels: metric, values: value ? [toNumbers(value)] : [] }));
  }

  /** What a query gives from `from` to `to`, in ms since the epoch. */
  async queryRange(query: string, from: number, to: number, stepMs: number): Promise<Series[]> {
    const range = { start: from / 1_000, end: to / 1_000, step: stepMs / 1_000 };
    const { result } = await this.#get<Answer>('query_range', { query, ...range });
    return result.map(({ metric, values = [] }) => ({ labels: metric, values: values.map(toNumbers) }));
  }

  /** The alerting rules, with what their last evaluation came to: `ok`, or an error. */
  async rules(): Promise<{ name: string; health: string; lastError?: string }[]> {
    const { groups } = await this.#get<{ groups: { rules: { name: string; health: string }[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async #get<T>(what: string, parameters: Record<string, string | number> = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) search.set(name, String(value));
    const response = await fetch(`${this.url}/api/v1/${what}?${search.toString()}`);
    const { data, error } = (await response.json()) as { data?: T; error?: string };
    if (!data) throw new Error(`Prometheus refused ${what} ${search.get('query') ?? ''}: ${error ?? ''}`);
    return data;
  }
}

interface Answer {
  readonly result: {
    readonly metric: Record<string, string>;
    readonly value?: [number, string];
    readonly values?: [number, string][];
  }[];
}

function toNumbers([seconds, value]: [number, string]): [number, number] {
  return [seconds, Number(value.replace('Inf', 'Infinity'))];
}

function configuration({ target, everyMs, rules }: PrometheusOptions): string {
  return [
    'global:',
    `  scrape_interval: ${everyMs}ms`,
    `  scrape_timeout: ${everyMs}ms`,
    '  evaluation_interval: 1s',
    `rule_files: ['${rules}']`,
    'scrape_configs:',
    '  - job_name: shop',
    '    static_configs:',
    `      - targets: ['${target}']`,
    '',
  ].join('\n');
}
