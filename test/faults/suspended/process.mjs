// A service in a process of its own, which can be stopped as a suspended machine is.
import { fileURLToPath, URL } from 'node:url';

import { runnerImport } from 'vite';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const { module } = await runnerImport(path('service.ts'), {
  configFile: false,
  logLevel: 'error',
  resolve: { alias: { 'nestjs-nats-auth': path('../../../src/index.ts') } },
});
await module.serve(process.argv[2]);
