import { onTestFinished } from 'vitest';

import { eventually, type NatsServer, type ServerConnection } from '../../../libs/testing/index.js';
import type { Lane } from './lanes.js';

/** A connection of either driver, as far as these tests use it. */
export interface Connection {
  readonly info?: { readonly server_id: string; readonly client_id: number };
  publish(subject: string, data?: Uint8Array | string, options?: { reply?: string; headers?: unknown }): void;
  subscribe(
    subject: string,
    options: { queue?: string; callback: (error: Error | null, message: Message) => void },
  ): { unsubscribe(): void; drain(): Promise<void> };
  request(subject: string, data?: Uint8Array | string, options?: object): Promise<Message>;
  flush(): Promise<void>;
  close(): Promise<void>;
  closed(): Promise<unknown>;
  isClosed(): boolean;
}

export interface Message {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply?: string;
  readonly headers?: { get(name: string): string };
  respond(data?: Uint8Array | string, options?: object): boolean;
  string(): string;
}

/** Connects once, with what the test presents; the connection ends with the test. */
export async function connect(lane: Lane, server: { url: string }, options: object): Promise<Connection> {
  const connection = (await lane.driver.plainConnect({
    servers: server.url,
    reconnect: false,
    maxReconnectAttempts: 0,
    timeout: 20_000,
    ...options,
  })) as unknown as Connection;
  onTestFinished(() => connection.close());
  return connection;
}

/** With what a client was refused, in the words of its driver. Fails if it came in. */
export async function refusal(lane: Lane, server: { url: string }, options: object): Promise<string> {
  try {
    const connection = await connect(lane, server, options);
    await connection.close();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('The client came in.');
}

/** What each driver makes of the server's `Authorization Violation`. */
export const VIOLATION = /authorization.violation/i;

/** A client as the server sees it. */
export async function seenBy(
  server: NatsServer,
  name: string,
): Promise<ServerConnection & { readonly account?: string }> {
  return eventually(async () => (await server.connections()).find((client) => client.name === name), {
    what: `a connection named ${name}`,
  });
}
