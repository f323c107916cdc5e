// Installs the lane that the argument names from the packed tarball, and prints its folder: for what runs in a lane but is no
// part of its suite, such as a benchmark.
import { pack } from '../pack.mjs';
import { installLane } from './lane.mjs';
import { LANES } from './lanes.mjs';

const lane = LANES.find(({ name }) => name === process.argv[2]);
if (!lane) throw new Error(`No lane is named ${process.argv[2]}.`);
console.log(await installLane(lane, pack()));
