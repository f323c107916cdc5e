import type { DriverModules, DriverName } from '../../libs/connection/index.js';

export declare function importModules(name: DriverName, packageName: string): () => Promise<DriverModules>;
