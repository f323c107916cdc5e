// Asks the token endpoint of the arguments (its address, and a file with the certificate of its authority) for a token, once.
import { readFileSync } from 'node:fs';

import { ClientCredentialsProvider } from '../../../dist/libs/providers/index.js';

const [tokenEndpoint, ca] = process.argv.slice(2);
const provider = new ClientCredentialsProvider({
  issuer: tokenEndpoint,
  tokenEndpoint,
  clientId: 'orders',
  authentication: { method: 'none' },
  allowHttp: true,
  ...(ca && { ca: readFileSync(ca, 'utf8') }),
});
const { token } = await provider.getUserInfo({ signal: AbortSignal.timeout(5_000) });
console.log(token);
