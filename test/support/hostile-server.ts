import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import { freePort } from 'nestjs-nats-auth/testing';

import { withFreePorts } from '../../libs/testing/free-port.js';

/** What a server does to one client, one after the other. */
export type Step =
  | { readonly say: Uint8Array }
  | { readonly await: 'CONNECT' | 'PING' }
  | { readonly end: 'reset' | 'end' }
  /** Says what the client said, behind a text and in one packet with it. */
  | { readonly echo: 'as it is' | 'as -ERR'; readonly behind?: string };

export interface HostileServer {
  readonly port: number;
  /** Connections open now. */
  readonly open: number;
  stop(): Promise<void>;
}

/** A server on the loopback address that plays the script to each client, and is silent then. */
export async function startHostileServer(script: readonly Step[]): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that hangs up resets what is still on its way.
    socket.on('error', () => {});
    play(script, socket);
  });
  const port = await withFreePorts(() => listenOn(listener));
  return {
    port,
    get open() {
      return sockets.size;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}

async function listenOn(listener: Server): Promise<number> {
  const port = await freePort();
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return port;
}

function play(script: readonly Step[], socket: Socket): void {
  let heard = '';
  let awaited: string | undefined;
  const steps = [...script];
  const goOn = () => {
    for (let step = steps.shift(); step; step = steps.shift()) {
      if ('say' in step) socket.write(step.say);
      else if ('echo' in step)
        socket.write((step.behind ?? '') + (step.echo === 'as -ERR' ? errorLine(heard) : heard));
      else if ('end' in step) return step.end === 'end' ? socket.end() : socket.resetAndDestroy();
      else if (!heard.includes(step.await)) {
        awaited = step.await;
        return;
      }
    }
  };
  socket.on('data', (bytes) => {
    heard += bytes.toString('latin1');
    if (awaited !== undefined && !heard.includes(awaited)) return;
    awaited = undefined;
    goOn();
  });
  goOn();
}

/** One line with what the client said. */
function errorLine(heard: string): string {
  return `-ERR '${heard.replaceAll(/[\r\n']/g, ' ')}'\r\n`;
}
