// A process of its own: a caller or a responder of one of the systems.
import 'reflect-metadata';

import { answer } from '../child/commands.js';
import { type Load, runLoad } from './load.js';
import { startOurs, startTraced } from './systems/ours.js';
import { startPlain } from './systems/plain.js';
import { startStock } from './systems/stock.js';
import type { PeerOptions } from './systems/system.js';

const options = JSON.parse(process.argv[2] ?? '') as PeerOptions;
const start = { stock: startStock, ours: startOurs, traced: startTraced, plain: startPlain }[options.system];
const request = await start(options);

/** What a peer can be asked. */
export type PeerCommands = typeof commands;

const commands = {
  load: (load: Load) => runLoad(request, load),
  /** CPU time of this process since its start, in µs. */
  cpuMicros: (_: null) => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

answer(commands);
