import {
  asError,
  boundedBytes,
  describeError,
  NatsAuthError,
  OptionsInvalidError,
} from '../../../base/index.js';
import type { JwksFetch, JwksSettings } from './jwks-options.js';

/**
 * The keys of an identity provider could not be fetched, so that nobody can tell whether a token is right. Clients are refused meanwhile, and
 * may come again.
 * @public
 */
export class KeysUnavailableError extends NatsAuthError {
  override name = 'KeysUnavailableError';

  constructor(
    /** Whose keys they are. */
    readonly issuer: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super('KEYS_UNAVAILABLE', `The keys of '${issuer}' are not known: ${problem}`, options);
  }
}

/** No metadata and no set of keys is longer, in bytes. */
const LONGEST_ANSWER = 1_048_576;

/** Where an issuer publishes its keys. */
export class PublishedKeys {
  readonly #settings: JwksSettings;
  /** As discovered; discovered again after a failure. */
  #discovered?: string;

  constructor(settings: JwksSettings) {
    this.#settings = settings;
  }

  /**
   * Fetches them. It ends after `timeout` at the latest.
   * @throws {@link KeysUnavailableError}
   */
  async fetch(): Promise<object> {
    const { issuer, timeout } = this.#settings;
    const signal = AbortSignal.timeout(timeout);
    try {
      const uri = this.#settings.jwksUri ?? (this.#discovered ??= await this.#discover(signal));
      return await this.#json(uri, signal);
    } catch (thrown) {
      this.#discovered = undefined;
      if (thrown instanceof KeysUnavailableError || thrown instanceof OptionsInvalidError) throw thrown;
      const problem = signal.aborted ? `no answer within ${timeout} ms.` : describeError(thrown);
      throw new KeysUnavailableError(issuer, problem, { cause: asError(thrown) });
    }
  }

  /** @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation */
  async #discover(signal: AbortSignal): Promise<string> {
    const { issuer, allowHttp } = this.#settings;
    const metadata = await this.#json(
      `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      signal,
    );
    const { issuer: said, jwks_uri: uri } = metadata as { issuer?: unknown; jwks_uri?: unknown };
    // Otherwise whoever answers there could vouch for tokens of somebody else.
    if (said !== issuer)
      throw new KeysUnavailableError(
        issuer,
        `its metadata are of another issuer. Is 'JwksAuthorizer.issuer' what the 'iss' of its tokens says, to the last slash?`,
      );
    if (typeof uri !== 'string' || !isWebAddress(uri, allowHttp))
      throw new KeysUnavailableError(
        issuer,
        `its metadata have no 'jwks_uri' that begins with 'https://': give 'JwksAuthorizer.jwksUri'.`,
      );
    return uri;
  }

  async #json(uri: string, signal: AbortSignal): Promise<object> {
    const { issuer, fetch } = this.#settings;
    const answer = await fetch(uri, { headers: { accept: 'application/json' }, redirect: 'manual', signal });
    if (answer.status !== 200) throw new KeysUnavailableError(issuer, `'${uri}' answered ${answer.status}.`);
    const text = Buffer.from(await boundedBytes(answer.body, LONGEST_ANSWER)).toString('utf8');
    const json = parsed(text);
    if (json === undefined)
      throw new KeysUnavailableError(issuer, `'${uri}' answered with something that is no JSON.`);
    return json;
  }
}

/** Whether a text is a URL that can be asked without a secret in it. */
export function isWebAddress(text: string, allowHttp: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (allowHttp && protocol === 'http:');
}

export const nodeFetch: JwksFetch = fetch;

function parsed(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
