import { afterAll } from 'vitest';

import { stopSharedServers } from './run.js';

// Vitest runs this for each file, whatever files share.
afterAll(stopSharedServers);
