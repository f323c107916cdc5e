import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';

/** Children that run, with the folder of each. */
const running = new Map<ChildProcess, string>();

/** Signals that end a Node process without an `exit` event; test runners end their workers with SIGTERM. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Kills the child and removes its folder when this process exits or is ended by a signal. Nothing can be done about
 * SIGKILL. One set of hooks serves all children: hooks for each would reach Node's limit of listeners at eleven.
 */
export function endWithParent(child: ChildProcess, folder: string): void {
  if (running.size === 0) {
    process.on('exit', endAll);
    for (const signal of SIGNALS) process.on(signal, onSignal);
  }
  running.set(child, folder);
  child.once('exit', () => {
    running.delete(child);
    if (running.size === 0) removeHooks();
  });
}

function endAll(): void {
  for (const [child, folder] of running) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function onSignal(signal: NodeJS.Signals): void {
  // The application has a handler of its own: it decides when to exit, and children may be needed until then.
  if (process.listenerCount(signal) > 1) return;
  endAll();
  // Without our handler the signal has its usual effect and exit code.
  removeHooks();
  process.kill(process.pid, signal);
}

function removeHooks(): void {
  process.off('exit', endAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}
