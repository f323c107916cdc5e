export { eventually, type EventuallyOptions } from './eventually.js';
export { freePort } from './free-port.js';
export { LocalClient, type LocalHandlers } from './local-client.js';
export { NatsServerNotFoundError } from './nats-server/find-nats-server.js';
export { type NatsCluster, startNatsCluster } from './nats-server/nats-cluster.js';
export {
  NatsServer,
  type NatsServerOptions,
  type ServerConnection,
  startNatsServer,
} from './nats-server/nats-server.js';
export type { NatsServerRelease } from './nats-server/releases.js';
export { ScriptedUserInfoProvider } from './scripted-user-info-provider.js';
