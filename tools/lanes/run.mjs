// Packs once and runs the lanes, all or those that the arguments name; prints a row for each lane and check.
import { pack } from '../pack.mjs';
import { printTable } from '../table.mjs';
import { runLane } from './lane.mjs';
import { LANES } from './lanes.mjs';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !LANES.some((lane) => lane.name === name));
if (unknown.length > 0) {
  console.error(
    `No lane is named ${unknown.join(', ')}; there are ${LANES.map((lane) => lane.name).join(', ')}.`,
  );
  process.exit(2);
}

const began = Date.now();
const tarball = pack();
const rows = [];
for (const lane of LANES.filter((lane) => names.length === 0 || names.includes(lane.name))) {
  console.log(`${lane.name} …`);
  for (const row of await runLane(lane, tarball)) rows.push({ lane: lane.name, ...row });
}
for (const { lane, check, output } of rows.filter((row) => row.result !== 'ok')) {
  console.error(`\n${lane}, ${check}:\n${output}`);
}
printTable([
  ['lane', 'check', 'result', 'ms'],
  ...rows.map(({ lane, check, result, ms }) => [lane, check, result, ms]),
]);
const passed = rows.filter((row) => row.result === 'ok').length;
const seconds = Math.round((Date.now() - began) / 1000);
console.log(`\nNode.js ${process.versions.node}: ${passed} of ${rows.length} passed in ${seconds} s`);
process.exitCode = passed === rows.length ? 0 : 1;
