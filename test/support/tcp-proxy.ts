import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What goes through the proxy in one connection. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/** Bytes for a client, at a moment: as its connection opens, or with what follows its `CONNECT`. */
export interface Injection {
  /** `accepted`: ahead of the server's first byte. `connect`: once the client has sent its `CONNECT`. */
  readonly at: 'accepted' | 'connect';
  readonly bytes: string | Uint8Array;
  /** Withholds everything that the server says from then on. Default `false`. */
  readonly mute?: boolean;
}

export interface TcpProxy {
  readonly port: number;
  /** `nats://127.0.0.1:port`. */
  readonly url: string;
  /** Connections ever accepted, refused ones not counted. */
  readonly accepted: number;
  /** Connections open now. */
  readonly open: number;
  /** Holds all bytes back, both ways, until `resume()`: connections stay open and nothing arrives. */
  pause(): void;
  resume(): void;
  /** Cuts every open connection with a reset. New ones are accepted. */
  cut(): void;
  /** Resets every new connection before a byte is passed, until `accept()`. Open ones stay. */
  refuse(): void;
  accept(): void;
  /** Injects into every connection accepted from now on; `undefined` ends that. */
  inject(injection: Injection | undefined): void;
  /** Sends bytes to the clients of all open connections now. */
  send(bytes: string | Uint8Array): void;
  /** Cuts everything and closes the port. May be called again. */
  stop(): Promise<void>;
}

/** A TCP proxy on a free port of 127.0.0.1 in front of a real server, for faults of the network. */
export async function startTcpProxy(target: { readonly port: number }): Promise<TcpProxy> {
  const links = new Set<Link>();
  let accepted = 0;
  let paused = false;
  let refusing = false;
  let injection: Injection | undefined;

  const listener = createServer((client) => {
    client.on('error', () => undefined);
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    accepted += 1;
    const link = { client, server: connect(target.port, '127.0.0.1') };
    links.add(link);
    join(link, injection, () => links.delete(link));
    if (paused) hold(link, true);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as AddressInfo;

  const cut = (): void => {
    for (const { client, server } of [...links]) {
      client.resetAndDestroy();
      server.destroy();
    }
  };
  const setPaused = (value: boolean): void => {
    paused = value;
    for (const link of links) hold(link, value);
  };
  let stopped: Promise<void> | undefined;

  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    get open() {
      return links.size;
    },
    pause: () => setPaused(true),
    resume: () => setPaused(false),
    cut,
    refuse: () => {
      refusing = true;
    },
    accept: () => {
      refusing = false;
    },
    inject: (next) => {
      injection = next;
    },
    send: (bytes) => {
      for (const { client } of links) client.write(bytes);
    },
    stop: () =>
      (stopped ??= new Promise((resolve) => {
        listener.close(() => resolve());
        cut();
      })),
  };
}

/** Passes bytes both ways until either side ends, and then ends the other. */
function join({ client, server }: Link, injection: Injection | undefined, onEnd: () => void): void {
  let muted = false;
  const deliver = (at: Injection['at']): void => {
    if (injection?.at !== at) return;
    client.write(injection.bytes);
    muted = injection.mute ?? false;
  };
  let connectAwaited = true;
  client.on('data', (chunk) => {
    if (connectAwaited && chunk.includes('CONNECT ')) {
      connectAwaited = false;
      deliver('connect');
    }
    server.write(chunk);
  });
  server.on('data', (chunk) => {
    if (!muted) client.write(chunk);
  });
  server.on('error', () => client.destroy());
  server.on('close', () => client.end());
  client.on('close', () => {
    server.destroy();
    onEnd();
  });
  deliver('accepted');
}

function hold({ client, server }: Link, held: boolean): void {
  for (const socket of [client, server]) {
    if (held) socket.pause();
    else socket.resume();
  }
}
