import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { expose, type MetricsOptions, type MetricsRegistry } from '../../libs/metrics/index.js';
import { MetricsListener } from './metrics-listener.js';
import { MetricsPlace } from './metrics-place.js';

/** The path of a listener of its own that was given none. */
const DEFAULT_PATH = '/metrics';
const DEFAULT_HOST = '127.0.0.1';

interface ListenerPlaces {
  readonly host: string;
  readonly port: number;
  readonly places: Map<string, MetricsPlace>;
}

/** Serves the registries of an application's registrations: from its own HTTP server, from ports of their own, or both. */
@Injectable()
export class MetricsEndpoint implements OnModuleInit, OnApplicationShutdown {
  /** By path of the application's server. */
  readonly #mounted = new Map<string, MetricsPlace>();
  /** By `host:port`, and path. */
  readonly #listeners = new Map<string, ListenerPlaces>();
  #opened: MetricsListener[] = [];
  #opening?: Promise<void>;

  constructor(@Inject(HttpAdapterHost) private readonly http: HttpAdapterHost) {}

  /**
   * Registrations that name the same place share it.
   * @throws {@link OptionsInvalidError} when their registries cannot be served together.
   */
  add(registry: MetricsRegistry, { path, port, host = DEFAULT_HOST }: MetricsOptions): void {
    if (port === undefined) {
      if (path !== undefined) placeAt(this.#mounted, path).add(registry);
      return;
    }
    const listener: ListenerPlaces = this.#listeners.get(`${host}:${port}`) ?? {
      host,
      port,
      places: new Map(),
    };
    this.#listeners.set(`${host}:${port}`, listener);
    placeAt(listener.places, path ?? DEFAULT_PATH).add(registry);
  }

  /**
   * Nest calls this after the application's own routes are in place, and before its 404 handler is; twice when a
   * microservice is initialized by itself.
   */
  onModuleInit(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async onApplicationShutdown(): Promise<void> {
    const opened = this.#opened;
    this.#opened = [];
    await Promise.all(opened.map((listener) => listener.close()));
  }

  async #open(): Promise<void> {
    for (const { path, registries } of this.#mounted.values()) this.#mount(path, registries);
    try {
      for (const listener of this.#listeners.values()) await this.#listen(listener);
    } catch (error) {
      await this.onApplicationShutdown();
      throw error;
    }
  }

  #mount(path: string, registries: readonly MetricsRegistry[]): void {
    const adapter = this.http.httpAdapter as typeof this.http.httpAdapter | undefined;
    // A pure microservice has none, or one that does nothing.
    if (!adapter?.getType()) {
      new Logger('NatsAuth').warn(
        `metrics.path '${path}' is not served: this application has no HTTP server; give metrics.port.`,
      );
      return;
    }
    adapter.get(path, async (request: { headers: { accept?: string } }, response: unknown) => {
      const { contentType, body } = await expose(registries, request.headers.accept);
      adapter.setHeader(response, 'content-type', contentType);
      adapter.reply(response, body, 200);
    });
  }

  async #listen({ host, port, places }: ListenerPlaces): Promise<void> {
    const listener = new MetricsListener(host, port, (path, accept) => {
      const place = places.get(path);
      return place && expose(place.registries, accept);
    });
    await listener.open();
    this.#opened.push(listener);
  }
}

function placeAt(places: Map<string, MetricsPlace>, path: string): MetricsPlace {
  const place = places.get(path) ?? new MetricsPlace(path);
  places.set(path, place);
  return place;
}
