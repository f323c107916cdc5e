export { FileUnusableError } from '../base/index.js';
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
export type { OAuthFetch, OAuthRequest, OAuthResponse } from './oauth/bounded-fetch.js';
export type { ClientAuthentication } from './oauth/client-authentication.js';
export type { IssuedToken, OAuthOptions } from './oauth/oauth-options.js';
export { TokenExchangeProvider, type TokenExchangeOptions } from './oauth/token-exchange-provider.js';
export { TokenRequestError } from './oauth/token-request-error.js';
export { CredsFileProvider, type CredsFileOptions } from './files/creds-file-provider.js';
export { JwtFilesProvider, type JwtFilesOptions } from './files/jwt-files-provider.js';
export { NkeySeedFileProvider, type NkeySeedFileOptions } from './files/nkey-seed-file-provider.js';
export { PasswordFilesProvider, type PasswordFilesOptions } from './files/password-files-provider.js';
export type { FileOptions } from './files/reading/file-options.js';
export { FileProvider } from './files/reading/file-provider.js';
export type { PermissionsPolicy } from './files/reading/permissions.js';
export { TokenFileProvider, type TokenFileOptions } from './files/token-file-provider.js';
