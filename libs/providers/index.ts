export {
  type RetryPolicy,
  type TracedCall,
  withRetry,
  withTimeout,
  withTracing,
} from '../credentials/index.js';
export { firstOf } from './composition/first-of.js';
export { fromAsync } from './composition/from-async.js';
export { type CacheOptions, withCache } from './composition/with-cache.js';
export { withMapping } from './composition/with-mapping.js';
export {
  ClientCredentialsProvider,
  type ClientCredentialsOptions,
} from './oauth/client-credentials-provider.js';
export type { ClientAuthentication } from './oauth/client-authentication.js';
export type { IssuedToken, OAuthOptions } from './oauth/oauth-options.js';
export { TokenExchangeProvider, type TokenExchangeOptions } from './oauth/token-exchange-provider.js';
export { TokenRequestError } from './oauth/token-request-error.js';
