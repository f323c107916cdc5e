export {
  type CalloutAccountClaims,
  type CalloutAccountConfig,
  calloutAccountClaims,
} from './account-claims.js';
export {
  type CalloutServerAccount,
  type CalloutServerConfig,
  calloutServerConfig,
  type CalloutServerUser,
} from './server-config.js';
