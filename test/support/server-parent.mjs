// A process that starts a server, says where it is, and waits to be ended.
import { fileURLToPath, URL } from 'node:url';

import { runnerImport } from 'vite';

const testing = fileURLToPath(new URL('../../libs/testing/index.ts', import.meta.url));
const { module } = await runnerImport(testing, { configFile: false, logLevel: 'error' });
const server = await module.startNatsServer();
console.log(server.monitorUrl);
