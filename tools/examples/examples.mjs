import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the examples. */
export const folder = fileURLToPath(new URL('../../examples/', import.meta.url));

/** The names of the examples, such as `01-first-service`, in their order. */
export const EXAMPLES = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && /^\d\d-/.test(entry.name))
  .map(({ name }) => name)
  .sort();

export const pathOf = (example, ...parts) => join(folder, example, ...parts);
