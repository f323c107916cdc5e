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
