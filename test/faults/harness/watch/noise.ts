import { setImmediate as nextTurn } from 'node:timers/promises';

import { onTestFinished, vi } from 'vitest';

const METHODS = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const;

/** From now on, hears what this process prints, warns of, and rejects with nobody to handle it. */
export function hearNoise(): () => Promise<readonly string[]> {
  const heard: string[] = [];
  for (const method of METHODS) {
    const spy = vi.spyOn(console, method);
    spy.mockImplementation((...args: unknown[]) => heard.push(`console.${method}: ${args.join(' ')}`));
    onTestFinished(() => spy.mockRestore());
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const spy = vi.spyOn(process[stream], 'write');
    spy.mockImplementation((text) => heard.push(`${stream}: ${String(text)}`) > 0);
    onTestFinished(() => spy.mockRestore());
  }
  for (const event of ['unhandledRejection', 'warning'] as const) {
    const note = (reason: unknown) => heard.push(`${event}: ${String(reason)}`);
    process.on(event, note);
    onTestFinished(() => void process.off(event, note));
  }
  return async () => {
    // Node.js tells of warnings and rejections when all that is due before them is done.
    await nextTurn();
    return heard;
  };
}
