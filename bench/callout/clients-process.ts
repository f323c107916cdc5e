// A process that dials as many clients at once. They speak no more of the protocol than it takes to be admitted, so that they cost little.
import { connect } from 'node:net';

import { answer } from '../child/commands.js';

export interface Dial {
  readonly clients: number;
  /** When to dial, in ms since the epoch; at once if that has passed. */
  readonly at: number;
}

export interface DialReport {
  readonly admitted: number;
  /** In ms since the epoch; 0 if none was. */
  readonly lastAdmittedAt: number;
}

export type ClientsCommands = { dial: (dial: Dial) => Promise<DialReport> };

const { port } = JSON.parse(process.argv[2] ?? '{}') as { port: number };
/** Longer than any server waits. */
const PATIENCE_MS = 15_000;

answer({
  dial: async ({ clients, at }) => {
    await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
    const admissions = await Promise.all(Array.from({ length: clients }, (_, i) => dialOnce(`client-${i}`)));
    const times = admissions.filter((time) => time !== undefined);
    return { admitted: times.length, lastAdmittedAt: Math.max(0, ...times) };
  },
} satisfies ClientsCommands);

/** When the client was admitted; `undefined` if it was not. */
function dialOnce(user: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (time?: number) => {
      clearTimeout(patience);
      socket.destroy();
      resolve(time);
    };
    const patience = setTimeout(end, PATIENCE_MS);
    const options = { verbose: false, user, pass: 'herd', name: user };
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      if (said === '') socket.write(`CONNECT ${JSON.stringify(options)}\r\nPING\r\n`);
      said += chunk.toString('latin1');
      if (said.includes('PONG\r\n')) end(Date.now());
      else if (said.includes('-ERR')) end();
    });
    socket.on('close', () => end());
    socket.on('error', () => end());
  });
}
