import { setTimeout as pause } from 'node:timers/promises';

import { Emitter } from '../../../libs/base/index.js';
import {
  createStableConnection,
  loadDriver,
  type NatsAuthEvents,
  type RotationMode,
  rejectionSettings,
  rotationSettings,
} from '../../../libs/connection/index.js';
import { CredentialSource, refreshSettings } from '../../../libs/credentials/index.js';
import type { Connection } from '../drivers/driver.js';
import type { System, SystemOptions } from './system.js';

/** How this package gets and uses credentials. */
export interface OursOptions extends SystemOptions {
  readonly mode: RotationMode;
  /** How long the provider takes, in ms. */
  readonly providerMs: number;
}

/** The connection of this package that an application is given. */
export async function openOurs({
  driver,
  servers,
  name,
  mint,
  mode,
  providerMs,
}: OursOptions): Promise<System> {
  const events = new Emitter<NatsAuthEvents>();
  const rejection = rejectionSettings();
  const getUserInfo = async () => {
    if (providerMs > 0) await pause(providerMs);
    return { creds: (await mint()).creds };
  };
  const common = { events, rejection };
  const source = new CredentialSource({
    ...common,
    connection: name,
    provider: { getUserInfo },
    refresh: refreshSettings(),
  });
  const stable = createStableConnection<Connection>({
    ...common,
    name,
    role: 'connection',
    driver: await loadDriver(driver.name),
    source,
    options: { servers, name, reconnectTimeWait: 1, reconnectJitter: 0 } as { servers: string[] },
    rotation: rotationSettings({ mode }),
  });
  const tookMs: number[] = [];
  let failedRotations = 0;
  events.on('rotated', ({ outcome, durationMs }) => {
    if (outcome === 'success') tookMs.push(durationMs);
    else failedRotations++;
  });
  const { rotating } = stable;
  await rotating.open();
  const { nc } = stable;
  return {
    nc,
    rotate: async () => {
      await rotating.rotate('manual', await source.refresh());
    },
    tookMs,
    get failedRotations() {
      return failedRotations;
    },
    close: async () => {
      await nc.close();
      await rotating.close();
      source.close();
    },
  };
}
