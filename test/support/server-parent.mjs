// A process that starts a server, says where it is, and waits to be ended.
import { runnerImport } from 'vite';

const testing = new URL('../../libs/testing/index.ts', import.meta.url).pathname;
const { module } = await runnerImport(testing, { configFile: false, logLevel: 'error' });
const server = await module.startNatsServer();
console.log(server.monitorUrl);
