// Reads and watches the file of the argument, and must then end by itself: nothing calls exit() and nothing ends the watch.
import { TokenFileProvider } from '../../../dist/libs/providers/index.js';

const provider = new TokenFileProvider({ path: process.argv[2] });
await provider.getUserInfo({ signal: AbortSignal.timeout(5_000) });
provider.watch(() => console.log('changed'));
console.log('watching');
