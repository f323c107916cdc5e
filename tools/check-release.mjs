// Checks what must be decided before a version is published, and what nobody but its owner can know: the addresses in package.json.
import { readFileSync } from 'node:fs';

import { releaseProblems } from './release/release-problems.mjs';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json'));
const problems = releaseProblems(manifest, read('CHANGELOG.md'), process.env);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${manifest.name}@${manifest.version} may be released.`);
