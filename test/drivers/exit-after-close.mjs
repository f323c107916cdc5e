// Connects, closes at the moment that the third argument names, and must then end by itself: nothing calls exit().
import { subscribe } from 'node:diagnostics_channel';

import { AuthConnection, loadDriver, rejectionSettings } from '../../dist/libs/connection/index.js';
import { Emitter } from '../../dist/libs/base/index.js';
import { CredentialSource, refreshSettings } from '../../dist/libs/credentials/index.js';
import { importModules } from './import-modules.mjs';

const [name, packageName, servers, moment] = process.argv.slice(2);
const events = new Emitter();
const rejection = rejectionSettings();
const never = new Promise(() => {});
let connects = 0;
const provider = {
  getUserInfo: () => {
    connects++;
    const hang = moment === 'resolving' || (moment === 'reconnecting' && connects > 1);
    return hang ? never : { user: 'svc', pass: 'secret', expiresAt: Date.now() + 3_600_000 };
  },
};
const source = new CredentialSource({
  connection: 'exit',
  provider,
  refresh: refreshSettings(),
  rejection,
  events,
});
const connection = new AuthConnection({
  name: 'exit',
  role: 'client',
  driver: await loadDriver(name, importModules(name, packageName)),
  source,
  events,
  options: { servers, waitOnFirstConnect: true },
  rejection,
});
const socketMade = new Promise((resolve) => subscribe('net.client.socket', resolve));
const opening = connection.open().catch((error) => error.code);
if (moment === 'connected') await opening;
if (moment === 'swallowed') await socketMade;
if (moment === 'reconnecting') {
  await opening;
  const gone = new Promise((resolve) => events.on('disconnected', resolve));
  console.log('kill');
  await gone;
}
await connection.close();
source.close();
console.log(`closed ${(await opening) === 'CLOSED' ? 'before' : 'after'} connect`);
