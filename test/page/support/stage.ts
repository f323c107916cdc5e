import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from 'nestjs-nats-auth/testing';

import type { Snapshot } from '../../../sample-app/src/page/system-view.js';

const PUBLIC = fileURLToPath(new URL('../../../sample-app/public', import.meta.url));
const UPLOT = dirname(fileURLToPath(import.meta.resolve('uplot')));
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Serves the page, and plays to it whatever the system could come to. */
export interface Stage {
  readonly url: string;
  /** The buttons that were pressed. */
  readonly pressed: string[];
  /** Shows this from now on; its clock is set to the real one. */
  show(scene: Snapshot): void;
  /** Ends the streams and answers no more, until `show`. */
  goDark(): void;
  close(): Promise<void>;
}

export async function openStage(first: Snapshot): Promise<Stage> {
  let scene: Snapshot | undefined = first;
  const pressed: string[] = [];
  const streams = new Set<ServerResponse>();
  const send = (stream: ServerResponse, shown: Snapshot) =>
    stream.write(`event: snapshot\ndata: ${JSON.stringify(inPresent(shown))}\n\n`);
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (!scene) return void response.destroy();
    if (path === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      streams.add(response);
      response.on('close', () => streams.delete(response));
      return void send(response, scene);
    }
    if (path.startsWith('/api/actions/')) {
      pressed.push(path.slice('/api/actions/'.length));
      return void response.writeHead(202).end();
    }
    const file = path.startsWith('/uplot/')
      ? join(UPLOT, path.slice('/uplot/'.length))
      : join(PUBLIC, path === '/' ? 'index.html' : path);
    readFile(file).then(
      (content) =>
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const timer = setInterval(() => {
    if (scene) for (const stream of streams) send(stream, { ...scene, happenings: [] });
  }, 100);
  return {
    url: `http://127.0.0.1:${port}`,
    pressed,
    show(next) {
      scene = next;
      for (const stream of streams) send(stream, next);
    },
    goDark() {
      scene = undefined;
      for (const stream of streams) stream.destroy();
    },
    close() {
      clearInterval(timer);
      return new Promise((resolve) => server.close(() => resolve()).closeAllConnections());
    },
  };
}

/** As if it were of this moment. */
function inPresent(scene: Snapshot): Snapshot {
  const shift = Date.now() - scene.now;
  return {
    ...scene,
    now: scene.now + shift,
    services: scene.services.map((service) => ({
      ...service,
      tokenExpiresAt: service.tokenExpiresAt && service.tokenExpiresAt + shift,
    })),
    traffic: {
      ...scene.traffic,
      seconds: scene.traffic.seconds.map(([at, ...counts]) => [at + shift, ...counts]),
    },
    prices: {
      ...scene.prices,
      prices: scene.prices.prices.map((price) => ({ ...price, at: price.at + shift })),
    },
    happenings: scene.happenings.map((happening) => ({
      ...happening,
      at: happening.at + shift,
      until: happening.until + shift,
    })),
  };
}
