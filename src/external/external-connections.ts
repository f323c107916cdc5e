import { flag, knownKeys, OptionsInvalidError } from '../../libs/base/index.js';
import {
  type ConnectionOptions,
  createConnectOptions,
  credentialsBehind,
  type DialCredentials,
  type Driver,
  follow,
  type FollowedConnection,
  type NatsConnectOptions,
  type RotationMode,
  type Sentinel,
} from '../../libs/connection/index.js';
import type { CredentialSource, Role } from '../../libs/credentials/index.js';

/**
 * What `NatsAuthService.connectionOptions()` takes.
 * @public
 */
export interface ConnectionOptionsRequest {
  /** Says that they are no longer used: nothing is refreshed for them any more. Default: until the application shuts down. */
  signal?: AbortSignal;
}

/**
 * What `NatsAuthService.follow()` takes.
 * @public
 */
export interface FollowOptions {
  /**
   * Reconnects on newer user info: ahead of an expiry, after a change (neither under `rotation.mode: 'none'`), and at `rotate()`. Default:
   * true.
   */
  reconnect?: boolean;
}

/** What the connections of others present. */
interface Settings {
  readonly role: Role;
  readonly source: CredentialSource;
  readonly driver: Driver;
  readonly sentinel?: Sentinel;
  readonly rotation: { readonly mode: RotationMode };
  readonly options: ConnectionOptions;
}

/** The connections of one registration that libraries open themselves. */
export class ExternalConnections {
  // `#private`: TLS keys may stand in the options.
  readonly #settings: Settings;
  readonly #used = new Set<DialCredentials>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Whether somebody has options, and may have connections. */
  get used(): boolean {
    return this.#used.size > 0;
  }

  async connectOptions(request: ConnectionOptionsRequest): Promise<NatsConnectOptions> {
    knownKeys('connectionOptions', request, ['signal']);
    const { signal } = request;
    if (signal !== undefined && !(signal instanceof AbortSignal))
      throw new OptionsInvalidError('connectionOptions.signal', 'expected an AbortSignal.');
    const { role, source, driver, sentinel, options } = this.#settings;
    const settings = { role, source, driver, sentinel, signal };
    const made = await createConnectOptions(settings, options);
    this.#used.add(made.credentials);
    signal?.addEventListener('abort', () => this.#used.delete(made.credentials), { once: true });
    return made.options;
  }

  follow(connection: FollowedConnection, options: NatsConnectOptions, request: FollowOptions): () => void {
    knownKeys('follow', request, ['reconnect']);
    const wanted = flag('follow.reconnect', request.reconnect ?? true);
    const { mode } = this.#settings.rotation;
    return follow(
      connection,
      credentialsBehind(options),
      (cause) => wanted && (mode !== 'none' || cause === 'manual'),
    );
  }

  /** The application has had newer user info fetched for all connections. */
  moved(): void {
    for (const credentials of this.#used) credentials.moved('manual');
  }

  /** The registration ends. */
  close(): void {
    for (const credentials of this.#used) credentials.end();
    this.#used.clear();
  }
}
