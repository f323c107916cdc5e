import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { freePort } from 'nestjs-nats-auth/testing';

import { type Breakage, FaultLink, type Treatment } from './fault-link.js';

/** A TCP proxy in front of a real server that can do to a connection what networks do. */
export interface FaultProxy {
  readonly port: number;
  /** `nats://127.0.0.1:port`. */
  readonly url: string;
  /** Connections ever accepted. */
  readonly accepted: number;
  /** Connections open now. */
  readonly open: number;
  treat(treatment: Treatment): void;
  /** Breaks every open connection now; new ones are accepted. */
  breakOpen(how: Breakage): void;
  /** Sends bytes to every client now. */
  inject(bytes: string): void;
  /** Passes on what `stall` held back, and treats new connections as a plain proxy does. */
  heal(): void;
  /** Takes the address away: resets all connections, and refuses new ones until `listen()`. */
  unlisten(): Promise<void>;
  listen(): Promise<void>;
  /** Takes the address away for good. */
  stop(): Promise<void>;
}

export async function startFaultProxy(target: { readonly port: number }): Promise<FaultProxy> {
  const links = new Set<FaultLink>();
  let treatment: Treatment = {};
  let accepted = 0;
  // Listened on again after it was lost: no port that the system gives to somebody else's outgoing connection.
  const port = await freePort();

  const listener = createServer((client) => {
    accepted++;
    const link = new FaultLink(client, connect(target.port, '127.0.0.1'), treatment, () =>
      links.delete(link),
    );
    links.add(link);
  });
  const listen = async () => {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
  };
  const unlisten = () =>
    new Promise<void>((resolve) => {
      if (!listener.listening) return resolve();
      listener.close(() => resolve());
      for (const link of [...links]) link.break('reset');
    });
  await listen();

  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    get open() {
      return links.size;
    },
    treat: (next) => {
      treatment = next;
    },
    breakOpen: (how) => {
      for (const link of [...links]) link.break(how);
    },
    inject: (bytes) => {
      for (const link of links) link.inject(bytes);
    },
    heal: () => {
      treatment = {};
      for (const link of links) link.heal();
    },
    listen,
    unlisten,
    stop: unlisten,
  };
}
