import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/**
 * Runs `promtool`; resolves to what it said when it had no complaint.
 * @throws {Error} with its complaint. `promtool check metrics` writes some to stderr and is content all the same.
 */
export async function promtool(binary: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(binary, args, { stdio: 'pipe' });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  if (code !== 0 || stderr.trim() !== '') {
    throw new Error(`promtool ${args.join(' ')} complains (exit code ${code}):\n${stdout}${stderr}`);
  }
  return stdout.trim();
}
