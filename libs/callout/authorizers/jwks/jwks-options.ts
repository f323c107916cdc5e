import {
  type Clock,
  describeValue,
  duration,
  flag,
  knownKeys,
  number,
  OptionsInvalidError,
  systemClock,
  unsetHint,
} from '../../../base/index.js';
import type { AuthorizeContext } from '../../authorizer.js';
import type { CalloutRequest } from '../../request/callout-request.js';
import { checkedFunction } from '../checks.js';
import type { PartialAdmission } from '../completed.js';
import { ALGORITHMS, type TokenAlgorithm } from './algorithms.js';
import { PRESENTED_AS, type PresentedAs } from './presented-token.js';
import { isWebAddress, nodeFetch } from './published-keys.js';

/**
 * The claims of a token whose signature, issuer, audience and times are right. What else is in it is what the identity provider wrote, of
 * whatever type: look at it before you use it.
 * @public
 */
export interface TokenClaims {
  /** Who issued it. */
  readonly iss: string;
  /** For whom it is. */
  readonly aud: string | readonly string[];
  /** In seconds since the epoch. */
  readonly exp: number;
  readonly [claim: string]: unknown;
}

/**
 * Fetches keys in the place of Node.js's `fetch`, which is one, too. It follows no redirect.
 * @public
 */
export type JwksFetch = (
  url: string,
  request: {
    readonly headers: Record<string, string>;
    readonly redirect: 'manual';
    /** Aborted after `timeout`. */
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> | ReadableStream | null }>;

/**
 * Options of `JwksAuthorizer`. All durations are in ms.
 * @public
 */
export interface JwksOptions {
  /** The issuer identifier of the identity provider, to the letter as in the claim `iss` of its tokens. */
  issuer: string;
  /** Who the tokens must be for: the claim `aud` must have one of these. Tokens of other services, and id tokens, have others. */
  audience: string | readonly string[];
  /**
   * As whom the bearer of a token comes in: by default under the name in `sub`, and until the token expires. `undefined` for one that is not
   * known. Throw `RefusedError` to say why it is refused.
   */
  admit: (
    claims: TokenClaims,
    request: CalloutRequest,
    context: AuthorizeContext,
  ) => PartialAdmission | undefined | Promise<PartialAdmission | undefined>;
  /** Where the keys are. Default: what the issuer's OpenID metadata say. */
  jwksUri?: string;
  /** With which algorithms tokens may be signed. Those with a shared secret are not among them, nor is `none`. Default: all that there are. */
  algorithms?: readonly TokenAlgorithm[];
  /** The `typ` of the token's header, such as `at+jwt` for access tokens that say so (RFC 9068). Default: any. */
  typ?: string;
  /** Claims that a token must have besides `iss`, `aud` and `exp`. Default: none. */
  requiredClaims?: readonly string[];
  /** The oldest token that is taken, by its `iat`. Default: its `exp` alone says. */
  maxTokenAge?: number;
  /** By how much the clock of the identity provider may differ from this one. Default: 5,000. */
  clockTolerance?: number;
  /** How long a session lives on after its token has expired. A token that has expired still lets nobody in. Default: 0. */
  sessionGrace?: number;
  /** Where clients present the token: the first of these that is there. `jwt` is the field of user JWTs. Default: `token`, then `pass`. */
  from?: PresentedAs | readonly PresentedAs[];
  /** The longest token, in bytes. Default: 16,384. */
  maxTokenSize?: number;
  /** At least this between two fetches of the keys, however many tokens are signed with keys that are not known. Default: 10,000. */
  cooldown?: number;
  /** Keys that are older than this are fetched anew. They serve on while that fails. Default: 600,000. */
  maxKeyAge?: number;
  /** How long a fetch of the keys may take. Default: 5,000. */
  timeout?: number;
  /** Fetches the keys, for a proxy that Node.js's own does not know of. It must follow no redirect. Default: `fetch`. */
  fetch?: JwksFetch;
  /** Lets the identity provider be reached over plain HTTP, for tests. Default: false. */
  allowHttp?: boolean;
  /**
   * Default: the machine's clock.
   * @internal
   */
  clock?: Clock;
}

/** `JwksOptions` that were checked. */
export type JwksSettings = Required<Omit<JwksOptions, 'jwksUri' | 'typ' | 'maxTokenAge' | 'from'>> &
  Pick<JwksOptions, 'jwksUri' | 'typ' | 'maxTokenAge'> & { readonly from: readonly PresentedAs[] };

const NAME = 'JwksAuthorizer';
const KEYS = [
  'issuer',
  'audience',
  'admit',
  'jwksUri',
  'algorithms',
  'typ',
  'requiredClaims',
  'maxTokenAge',
  'clockTolerance',
  'sessionGrace',
  'from',
  'maxTokenSize',
  'cooldown',
  'maxKeyAge',
  'timeout',
  'fetch',
  'allowHttp',
  'clock',
];

/** @throws {@link OptionsInvalidError} */
export function jwksSettings(options: JwksOptions): JwksSettings {
  knownKeys(NAME, options, KEYS);
  const { issuer, jwksUri, typ, allowHttp = false, clock = systemClock, fetch = nodeFetch } = options;
  const { algorithms = ALGORITHMS, from = ['token', 'pass'], requiredClaims = [], maxTokenAge } = options;
  flag(`${NAME}.allowHttp`, allowHttp);
  checkAddress('issuer', issuer, allowHttp);
  if (jwksUri !== undefined) checkAddress('jwksUri', jwksUri, allowHttp);
  const cooldown = duration(`${NAME}.cooldown`, options.cooldown ?? 10_000, 1);
  return {
    issuer,
    jwksUri,
    typ: typ === undefined ? undefined : checkedText('typ', typ),
    audience: texts('audience', options.audience),
    admit: checkedFunction(`${NAME}.admit`, options.admit),
    algorithms: some('algorithms', algorithms, ALGORITHMS),
    from: some('from', [from].flat(), PRESENTED_AS),
    requiredClaims: requiredClaims.length === 0 ? [] : texts('requiredClaims', requiredClaims),
    maxTokenAge: maxTokenAge === undefined ? undefined : duration(`${NAME}.maxTokenAge`, maxTokenAge, 1),
    clockTolerance: duration(`${NAME}.clockTolerance`, options.clockTolerance ?? 5_000, 0),
    sessionGrace: duration(`${NAME}.sessionGrace`, options.sessionGrace ?? 0, 0),
    maxTokenSize: number(
      `${NAME}.maxTokenSize`,
      options.maxTokenSize ?? 16_384,
      1,
      1e6,
      'a number of bytes from 1 to 1000000',
    ),
    cooldown,
    maxKeyAge: duration(`${NAME}.maxKeyAge`, options.maxKeyAge ?? Math.max(600_000, cooldown), cooldown),
    timeout: duration(`${NAME}.timeout`, options.timeout ?? 5_000, 1),
    fetch: checkedFunction(`${NAME}.fetch`, fetch),
    allowHttp,
    clock,
  };
}

function checkAddress(option: string, value: string, allowHttp: boolean): void {
  if (typeof (value as unknown) === 'string' && isWebAddress(value, allowHttp)) return;
  const start = allowHttp ? 'a URL' : `a URL that begins with 'https://' (or 'allowHttp: true' in a test)`;
  throw new OptionsInvalidError(
    `${NAME}.${option}`,
    `expected ${start}, without credentials, got ${describeValue(value, 'type')}.${unsetHint(value)}`,
  );
}

function checkedText(option: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new OptionsInvalidError(
    `${NAME}.${option}`,
    `expected a text that is not empty, got ${describeValue(value, 'type')}.${unsetHint(value)}`,
  );
}

function texts(option: string, value: string | readonly string[]): string[] {
  const all = [value].flat();
  if (all.length === 0)
    throw new OptionsInvalidError(`${NAME}.${option}`, 'expected one text or more, got none.');
  return all.map((text) => checkedText(option, text));
}

/** A choice of some of the accepted, at least one. */
function some<T extends string>(option: string, value: readonly T[], accepted: readonly T[]): readonly T[] {
  const all: unknown = value;
  if (!Array.isArray(all) || all.length === 0)
    throw new OptionsInvalidError(`${NAME}.${option}`, `expected some of ${accepted.join(', ')}.`);
  for (const one of all as T[])
    if (!accepted.includes(one))
      throw new OptionsInvalidError(
        `${NAME}.${option}`,
        `${describeValue(one, 'text')} is not accepted; those that are: ${accepted.join(', ')}.`,
      );
  return value;
}
