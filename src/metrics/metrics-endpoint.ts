import { createServer, type Server } from 'node:http';

import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { OptionsInvalidError } from '../../libs/credentials/index.js';
import type { MetricsOptions, MetricsRegistry, Prometheus } from '../../libs/metrics/index.js';

/** The path of a listener of its own that was given none. */
const DEFAULT_PATH = '/metrics';

/** Serves the registries of an application's registrations: from its own HTTP server, from ports of their own, or both. */
@Injectable()
export class MetricsEndpoint implements OnModuleInit, OnApplicationShutdown {
  /** Registries by path of the application's server, and by `host:port` and path of listeners. */
  readonly #paths = new Map<string, Set<MetricsRegistry>>();
  readonly #listeners = new Map<
    string,
    { host: string; port: number; paths: Map<string, Set<MetricsRegistry>> }
  >();
  readonly #servers: Server[] = [];
  #prometheus?: Prometheus;

  constructor(@Inject(HttpAdapterHost) private readonly http: HttpAdapterHost) {}

  /** Registrations that name the same place share it. */
  add(
    prometheus: Prometheus,
    registry: MetricsRegistry,
    { path, port, host = '127.0.0.1' }: MetricsOptions,
  ): void {
    this.#prometheus = prometheus;
    if (port !== undefined) {
      const listener = this.#listeners.get(`${host}:${port}`) ?? {
        host,
        port,
        paths: new Map<string, Set<MetricsRegistry>>(),
      };
      this.#listeners.set(`${host}:${port}`, listener);
      addTo(listener.paths, path ?? DEFAULT_PATH, registry);
    } else if (path !== undefined) {
      addTo(this.#paths, path, registry);
    }
  }

  async onModuleInit(): Promise<void> {
    for (const [path, registries] of this.#paths) this.#mount(path, registries);
    for (const { host, port, paths } of this.#listeners.values()) await this.#listen(host, port, paths);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => new Promise((resolve) => server.close(resolve).closeAllConnections())),
    );
  }

  #mount(path: string, registries: Set<MetricsRegistry>): void {
    const adapter = this.http.httpAdapter as typeof this.http.httpAdapter | undefined;
    // A pure microservice has an adapter that does nothing.
    if (!adapter?.getType()) {
      new Logger('NatsAuth').warn(
        `metrics.path '${path}' is not served: this application has no HTTP server; give metrics.port.`,
      );
      return;
    }
    adapter.get(path, async (request: { headers: { accept?: string } }, response: unknown) => {
      const { contentType, body } = await this.#render(registries, request.headers.accept);
      adapter.setHeader(response, 'content-type', contentType);
      adapter.reply(response, body, 200);
    });
  }

  async #listen(host: string, port: number, paths: Map<string, Set<MetricsRegistry>>): Promise<void> {
    const server = createServer((request, response) => {
      const registries = paths.get((request.url ?? '').split('?')[0] ?? '');
      if (!registries) {
        response.writeHead(404).end();
        return;
      }
      this.#render(registries, request.headers.accept).then(
        ({ contentType, body }) => response.writeHead(200, { 'content-type': contentType }).end(body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const problem =
          error.code === 'EADDRINUSE'
            ? 'is in use: choose another, or end what listens there'
            : `cannot be opened (${error.message})`;
        reject(new OptionsInvalidError('metrics.port', `port ${port} of ${host} ${problem}.`));
      });
      server.listen(port, host, resolve);
    });
    this.#servers.push(server);
  }

  async #render(
    registries: Set<MetricsRegistry>,
    accept = '',
  ): Promise<{ contentType: string; body: string }> {
    const [first, ...others] = registries;
    if (!first || !this.#prometheus) return { contentType: 'text/plain', body: '' };
    const { Registry } = this.#prometheus;
    if (!accept.includes('application/openmetrics-text')) {
      const registry = others.length === 0 ? first : Registry.merge([first, ...others]);
      return { contentType: registry.contentType, body: await registry.metrics() };
    }
    // A copy: the format is a property of a registry, and the application's own is not ours to change.
    const copy = Registry.merge([first, ...others]);
    copy.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    return { contentType: copy.contentType, body: await copy.metrics() };
  }
}

function addTo(places: Map<string, Set<MetricsRegistry>>, path: string, registry: MetricsRegistry): void {
  places.set(path, (places.get(path) ?? new Set()).add(registry));
}
