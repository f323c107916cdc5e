// A key management service of its own thread: the private key is here and nowhere else.
import { createPrivateKey, sign } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

const key = createPrivateKey({ key: Buffer.from(workerData), format: 'der', type: 'pkcs8' });
parentPort.on('message', ({ id, bytes }) =>
  parentPort.postMessage({ id, signature: sign(null, bytes, key) }),
);
