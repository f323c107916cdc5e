import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as afterReading } from 'node:timers/promises';

/** A port that swallows the packets of whoever connects, as a firewall does. */
export interface BlackHole {
  readonly port: number;
  readonly url: string;
  stop(): void;
}

const LISTENER =
  "require('net').createServer().listen({ port: +process.argv[1], host: process.argv[2], backlog: 1 }, function () { console.log(this.address().port) })";
/** Longer than a connect on the loopback address takes. */
const SWALLOWED_AFTER_MS = 500;
const MOST_WAITING = 16;

/**
 * A listener that takes no connection: once as many wait as may, the system drops what else comes.
 * @param port default: one that the system chooses.
 */
export async function startBlackHole(host = '127.0.0.1', port = 0): Promise<BlackHole> {
  const listener = spawn(process.execPath, ['-e', LISTENER, String(port), host], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const sockets: Socket[] = [];
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    listener.kill('SIGKILL');
  };
  try {
    const [line] = (await once(listener.stdout, 'data')) as [Buffer];
    const bound = Number(line);
    listener.kill('SIGSTOP');
    for (let isFull = false; !isFull;) {
      if (sockets.length > MOST_WAITING) throw new Error('This system swallows no packets.');
      const socket = connect(bound, host);
      socket.on('error', () => undefined);
      sockets.push(socket);
      const signal = AbortSignal.timeout(SWALLOWED_AFTER_MS);
      isFull = await once(socket, 'connect', { signal }).then(
        () => false,
        async () => {
          // A busy process finds the time up before it reads that it is connected.
          await afterReading();
          return socket.connecting;
        },
      );
    }
    return { port: bound, url: `nats://${host}:${bound}`, stop };
  } catch (error) {
    stop();
    throw error;
  }
}
