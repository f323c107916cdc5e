// Writes the table of faults in docs/operations.md, and the list of the cases behind it in docs/faults.md, from the rows of test/faults
// and from what that suite has seen of them (`npm run test:faults -- --update`).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { runnerImport } from 'vite';

import { fail, root, writeOrCheck } from './project.mjs';

const BEGIN = '<!-- Made by `npm run test:faults -- --update` out of what test/faults has seen. -->\n';
const END = '<!-- End of what is made. -->\n';

const { module } = await runnerImport(join(root, 'test/faults/table/markdown.ts'), {
  root,
  configFile: false,
});
write('docs/operations.md', module.faultTables());
write('docs/faults.md', module.faultCases());

function write(document, made) {
  const [before, rest] = readFileSync(join(root, document), 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) fail(`${document} lacks the lines '${BEGIN.trim()}' and '${END.trim()}'.`);
  writeOrCheck(document, [before, BEGIN, '\n', made, '\n', END, after].join(''), 'npm run docs');
}
