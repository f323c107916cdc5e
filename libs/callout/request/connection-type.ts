import type { ConnectionType } from '../admission.js';

/**
 * How a client connects, as far as a request tells it: nats-server names neither what runs over WebSocket among leaf nodes and MQTT, nor what is embedded in
 * the process of the server. The latter has no address.
 */
export function connectionType(
  kind: string | undefined,
  type: string | undefined,
  host: string,
): ConnectionType | undefined {
  if (kind === 'Leafnode') return 'LEAFNODE';
  if (kind !== 'Client') return undefined;
  switch (type) {
    case 'nats':
      return host === '' ? 'IN_PROCESS' : 'STANDARD';
    case 'websocket':
      return 'WEBSOCKET';
    case 'mqtt':
      return 'MQTT';
    default:
      return undefined;
  }
}
