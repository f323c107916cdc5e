import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs `NAME=value program word word` with more arguments behind, in the root and with the programs of the npm packages. Gives the
 * exit code.
 */
export async function runCommand(command, args = []) {
  const words = command.split(' ');
  const begin = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const [program, ...own] = words.slice(begin);
  const child = spawn(program === 'node' ? process.execPath : program, [...own, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${root}node_modules/.bin${delimiter}${process.env.PATH}`,
      ...Object.fromEntries(words.slice(0, begin).map((word) => word.split('='))),
    },
    shell: process.platform === 'win32',
  });
  const stopListening = leaveSignalsTo(child);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
    });
  } finally {
    stopListening();
  }
}

/** The child decides when it ends. The terminal sends Ctrl-C to both processes; other signals reach only this one. */
function leaveSignalsTo(child) {
  const listeners = {
    SIGINT: () => {},
    SIGTERM: (signal) => child.kill(signal),
    SIGHUP: (signal) => child.kill(signal),
  };
  for (const [signal, listener] of Object.entries(listeners)) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of Object.entries(listeners)) process.off(signal, listener);
  };
}
