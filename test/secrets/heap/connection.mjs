// As service.mjs, on one driver and without NestJS.

import {
  loadDriver,
  rejectionSettings,
  createRotatingConnection,
  rotationSettings,
} from '../../../dist/libs/connection/index.js';
import { Emitter } from '../../../dist/libs/base/index.js';
import { CredentialSource, refreshSettings } from '../../../dist/libs/credentials/index.js';
import { importModules } from '../../drivers/import-modules.mjs';
import { providerFrom, snapshot } from './moment.mjs';

const [servers, folder, rotations, path, moment, name, packageName] = process.argv.slice(2);

/** What a role does on a connection: nothing. */
const idle = { start() {}, drain: async () => {}, idle: async () => {}, pending: 0 };

async function serve() {
  const events = new Emitter();
  let current;
  const rejection = rejectionSettings();
  const provider = providerFrom(folder);
  const source = new CredentialSource({
    connection: 'heap',
    provider,
    refresh: refreshSettings(),
    rejection,
    events,
  });
  const connection = createRotatingConnection({
    name: 'heap',
    role: 'client',
    driver: await loadDriver(name, importModules(name, packageName)),
    source,
    events,
    options: { servers },
    rejection,
    rotation: rotationSettings(),
    createSession: () => idle,
    onCurrent: (nc) => (current = nc),
  });
  const first = await connection.open();
  for (let rotation = 0; rotation < Number(rotations); rotation++) {
    await connection.rotate('manual', await source.refresh());
    await current.flush();
  }
  const connected = new Promise((resolve) => events.on('connected', resolve));
  await current.reconnect();
  await connected;
  if (moment === 'serving') await snapshot(path);
  await connection.close();
  source.close();
  return { connection, source, first, current };
}

let held = await serve();
if (moment === 'dropped') held = undefined;
if (moment !== 'serving') await snapshot(path);
console.log(held ? 'held' : 'dropped');
