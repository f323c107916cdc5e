import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

import { eventually } from '../../../libs/testing/index.js';

/** A socket that says what a test wants. */
export interface RawClient {
  say(bytes: string | Uint8Array): void;
  /** What was received so far, each byte as one character. */
  readonly said: string;
  hears(what: string | RegExp): Promise<void>;
  ended(): Promise<void>;
}

export async function dial(port: number): Promise<RawClient> {
  const socket: Socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let [said, ended] = ['', false];
  socket.on('error', () => {});
  socket.on('close', () => (ended = true));
  socket.on('data', (data: Buffer) => (said += data.toString('latin1')));
  await once(socket, 'connect');
  return {
    say: (bytes) => void socket.write(bytes),
    get said() {
      return said;
    },
    hears: async (what) => {
      await eventually(() => (typeof what === 'string' ? said.includes(what) : what.test(said)), {
        what: `the server to say ${String(what)}`,
      });
    },
    ended: async () => {
      await eventually(() => ended, { what: 'the server to hang up' });
    },
  };
}

/** An MQTT 3.1.1 CONNECT packet. */
export function mqttConnect(client: string, user: string, pass: string): Uint8Array {
  const text = (value: string) => Buffer.concat([uint16(value.length), Buffer.from(value)]);
  const body = Buffer.concat([
    text('MQTT'),
    // Level 4; user, password and a clean session; 60 s to keep alive.
    Buffer.from([4, 0xc2, 0, 60]),
    ...[client, user, pass].map(text),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

/** Opens a WebSocket; what is said after it goes in frames, by `frame()`. */
export const WEBSOCKET_UPGRADE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '',
  '',
].join('\r\n');

/** A binary frame, masked with zeros as clients must mask. */
export function frame(text: string): Uint8Array {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x82, 0x80 | 126]), uint16(payload.length), Buffer.alloc(4), payload]);
}

function uint16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
