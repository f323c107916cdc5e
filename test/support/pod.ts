import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** An address of a server, as a pod has one: an IP of its own, and the port of all. */
export interface Pod {
  readonly host: string;
  /** Connections ever accepted. */
  readonly accepted: number;
  /** From now on whoever dials it hears nothing; connections that are open stay. */
  fallSilent(): void;
  /** Ends all connections. */
  drop(): void;
  /** Takes the address away. */
  stop(): Promise<void>;
}

/**
 * @param host of `127.0.0.0/8`.
 * @param target where the server really is.
 * @param onAccept runs when somebody has dialled it.
 * @param delayMs how late it passes on what the server says.
 */
export async function startPod(
  host: string,
  target: { readonly port: number },
  { onAccept = () => {}, delayMs = 0 }: { readonly onAccept?: () => void; readonly delayMs?: number } = {},
): Promise<Pod> {
  const sockets = new Set<Socket>();
  let [accepted, silent] = [0, false];
  const keep = (socket: Socket, other?: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      other?.destroy();
    });
  };
  const listener = createServer((client) => {
    accepted++;
    onAccept();
    if (silent) return keep(client);
    const server = connect(target.port, '127.0.0.1');
    keep(client, server);
    keep(server, client);
    client.pipe(server);
    server.on('data', (bytes) => void setTimeout(() => client.write(bytes), delayMs));
  });
  listener.listen(target.port, host);
  await once(listener, 'listening');
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host,
    get accepted() {
      return accepted;
    },
    fallSilent: () => {
      silent = true;
    },
    drop,
    stop: async () => {
      const closed = once(listener, 'close');
      listener.close();
      drop();
      await closed;
    },
  };
}
