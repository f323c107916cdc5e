// A service in a process of its own, which can be stopped as a suspended machine is.
import { fileURLToPath, URL } from 'node:url';

import { createServer } from 'vite';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
// It stays open as long as the service, which imports its driver when it starts.
const vite = await createServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  resolve: { alias: { 'nestjs-nats-auth': path('../../../src/index.ts') } },
});
const { serve } = await vite.ssrLoadModule(path('service.ts'));
await serve(process.argv[2]);
await vite.close();
