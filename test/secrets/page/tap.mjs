// Loaded before the sample system: tells the parent each secret that the sample makes or fetches.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const tell = (what, secret) => process.connected && process.send({ what, secret });

// Client secrets and the passwords of NATS are 16 random bytes in hex.
const realRandomBytes = crypto.randomBytes;
crypto.randomBytes = (size, ...rest) => {
  const bytes = realRandomBytes(size, ...rest);
  if (size === 16 && rest.length === 0) tell('a password or client secret', bytes.toString('hex'));
  return bytes;
};
syncBuiltinESMExports();

const realFetch = globalThis.fetch;
globalThis.fetch = async (...request) => {
  const response = await realFetch(...request);
  const body = await response
    .clone()
    .json()
    .catch(() => undefined);
  if (body?.access_token) tell('an access token', body.access_token);
  return response;
};

process.channel?.unref();
