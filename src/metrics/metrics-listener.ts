import { createServer, type IncomingMessage, type Server } from 'node:http';

import { describeError, inOwnContext, OptionsInvalidError } from '../../libs/base/index.js';
import type { Exposition } from '../../libs/metrics/index.js';

/** Answers a scrape; `undefined` for a path where nothing is. */
export type AnswerScrape = (path: string, accept: string | undefined) => Promise<Exposition> | undefined;

/** A small HTTP listener for scrapes, for an application that has no HTTP server. */
export class MetricsListener {
  readonly #server: Server;

  constructor(
    private readonly host: string,
    private readonly port: number,
    answer: AnswerScrape,
  ) {
    this.#server = createServer((request, response) => {
      const exposition = isRead(request) ? answer(pathOf(request), request.headers.accept) : undefined;
      if (!exposition) return void response.writeHead(isRead(request) ? 404 : 405).end();
      exposition.then(
        ({ contentType, body }) => response.writeHead(200, { 'content-type': contentType }).end(body),
        // As the application's own server would; what went wrong may tell a stranger too much.
        () => response.writeHead(500).end(),
      );
    });
    // Metrics alone are no reason for a process to live.
    this.#server.unref();
  }

  /** @throws {@link OptionsInvalidError} when the port cannot be had. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(this.#unavailable(error)));
      // Each scrape would run in the context that the application was started in.
      inOwnContext(() => this.#server.listen(this.port, this.host, resolve));
    });
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve).closeAllConnections());
  }

  #unavailable(error: NodeJS.ErrnoException): OptionsInvalidError {
    const { host, port } = this;
    switch (error.code) {
      case 'EADDRINUSE':
        return new OptionsInvalidError(
          'metrics.port',
          `port ${port} of ${host} is in use: choose another, or end what listens there.`,
        );
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return new OptionsInvalidError('metrics.host', `this machine has no address '${host}'.`);
      default:
        return new OptionsInvalidError(
          'metrics.port',
          `port ${port} of ${host} cannot be opened (${describeError(error)}).`,
        );
    }
  }
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?')[0] ?? '';
}
