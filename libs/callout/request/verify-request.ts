import { asError, isolated, quoted } from '../../base/index.js';
import { parseJwt } from '../jwt/parse-jwt.js';
import type { AccountSigner } from '../keys/account-signer.js';
import { isPublicNkey, verifySignature } from '../keys/verify-signature.js';
import type { CalloutSettings } from '../settings.js';
import type { CalloutServer } from './callout-request.js';
import { type Claims, numberIn, objectIn, textIn } from './claim-readers.js';
import { opened, type Sealed } from './open-request.js';
import { type Received, receivedRequest, serverOf } from './received-request.js';
import { RequestInvalidError } from './request-error.js';

/** A request of a server, in order. */
export interface VerifiedRequest extends Received {
  /** Signs the answer. */
  readonly issuer: AccountSigner;
  /** How long the server waits for the answer, in ms. */
  readonly waitMs: number;
  /** How long it could be sent again and be in order, in ms. */
  readonly lifeMs: number;
  /** What no other request has in common with it. Its `jti` is not among them: that is a hash of times and keys, and the same for all requests of a second. */
  readonly marks: readonly string[];
  /** Seals the answer, where the request was sealed. */
  readonly seal?: (answer: Uint8Array) => Uint8Array;
}

const AUDIENCE = 'nats-authorization-request';
const TYPE = 'authorization_request';
const VERSION = 2;
/** Below the inboxes of servers, one subject. */
const REPLY = /^\$SYS\._INBOX(\.[^\s.*>\p{Cc}]+)+$/u;
const LONGEST_REPLY = 256;
/** The shortest time-out that is in use. Times in a request are whole seconds: with it, a request may expire in the second in which it is made. */
const SHORTEST_WAIT_MS = 500;
/** No server waits longer, and what is valid for longer would have to be known again for longer. */
const LONGEST_LIFE_MS = 3_600_000;

/**
 * Sees to it that a request was made by a server, for this callout, now. What costs least is looked at first.
 * @param now by the wall clock, in ms.
 * @throws {@link RequestInvalidError}
 */
export function verifiedRequest(message: Sealed, settings: CalloutSettings, now: number): VerifiedRequest {
  const { data, reply } = message;
  if (data.length > settings.maxRequestSize)
    throw new RequestInvalidError(
      'oversized',
      `The request has ${data.length} bytes; 'callout.maxRequestSize' is ${settings.maxRequestSize}.`,
    );
  checkReply(reply);
  const open = opened(message, settings.curves);
  const jwt = parseJwt(open.text);
  if (!jwt) throw new RequestInvalidError('malformed', 'The request is no NATS JWT.');
  const { claims } = jwt;
  const nats = objectIn(claims, 'nats');
  checkPurpose(claims, nats);
  const issuer = issuerFor(claims, settings);
  const { lifeMs } = checkTimes(claims, settings.clockTolerance, now);
  const serverId = objectIn(nats, 'server_id');
  const server = serverOf(serverId);
  checkServer(claims, serverId, message.serverXkey);
  if (!verifySignature(server.id, jwt.signed, jwt.signature))
    throw new RequestInvalidError('signature', 'The signature of the request is not one of its server.');
  checkTrust(server, settings);
  const userNkey = textIn(nats, 'user_nkey') ?? '';
  if (!isPublicNkey(userNkey, 'user'))
    throw new RequestInvalidError('malformed', 'The request names no user NKey.');
  return {
    ...receivedRequest(nats, server, userNkey),
    issuer,
    waitMs: Math.max(lifeMs, SHORTEST_WAIT_MS),
    lifeMs: lifeMs + 2 * settings.clockTolerance + 1_000,
    marks: [userNkey, reply ?? ''],
    seal: open.seal,
  };
}

/** Whoever asks with another reply wants the answer for himself. */
function checkReply(reply: string | undefined): void {
  if (reply !== undefined && reply.length <= LONGEST_REPLY && REPLY.test(reply)) return;
  throw new RequestInvalidError('reply', 'The reply of the request is no inbox of a server.');
}

function checkPurpose(claims: Claims, nats: Claims): void {
  if (claims['aud'] !== AUDIENCE)
    throw new RequestInvalidError(
      'audience',
      `The request is not for a callout: its audience is not '${AUDIENCE}'.`,
    );
  if (nats['type'] !== TYPE || nats['version'] !== VERSION)
    throw new RequestInvalidError('version', `The request is not of type '${TYPE}' and version ${VERSION}.`);
}

function issuerFor(claims: Claims, settings: CalloutSettings): AccountSigner {
  const subject = textIn(claims, 'sub') ?? '';
  const issuer = settings.issuerFor(subject);
  if (issuer) return issuer;
  const own = [...new Set(settings.issuers.flatMap(({ publicKey, account }) => [account, publicKey]))].join(
    ', ',
  );
  throw new RequestInvalidError(
    'subject',
    `The server expects answers of ${isPublicNkey(subject, 'account') ? subject : quoted(subject)}, 'callout.issuer' has ${own}.`,
  );
}

/** A clock may be wrong by the tolerance, and seconds are cut off. */
function checkTimes(claims: Claims, toleranceMs: number, now: number): { readonly lifeMs: number } {
  const issuedAt = numberIn(claims, 'iat');
  const expiresAt = numberIn(claims, 'exp');
  const lifeMs = ((expiresAt ?? NaN) - (issuedAt ?? NaN)) * 1_000;
  if (issuedAt === undefined || expiresAt === undefined || !(lifeMs >= 0 && lifeMs <= LONGEST_LIFE_MS))
    throw new RequestInvalidError(
      'malformed',
      'The request does not say when it was made and when it expires, which is within an hour.',
    );
  const isOver = now >= (expiresAt + 1) * 1_000 + toleranceMs;
  const isEarly = Math.max(issuedAt, numberIn(claims, 'nbf') ?? 0) * 1_000 > now + toleranceMs;
  if (isOver || isEarly) {
    const offMs = isOver ? now - expiresAt * 1_000 : issuedAt * 1_000 - now;
    throw new RequestInvalidError(
      'expired',
      `The request ${isOver ? 'expired' : 'is from a time'} ${Math.round(offMs / 1_000)} s ${isOver ? 'ago' : 'ahead'}. If it was not held up, the clock of this machine or of the server is wrong; 'callout.clockTolerance' is ${toleranceMs} ms.`,
    );
  }
  return { lifeMs };
}

function checkServer(claims: Claims, serverId: Claims, header: string | undefined): void {
  const id = textIn(serverId, 'id') ?? '';
  if (claims['iss'] !== id || !isPublicNkey(id, 'server'))
    throw new RequestInvalidError('issuer', 'The request was not issued by the server that it names.');
  if (textIn(serverId, 'xkey') !== header)
    throw new RequestInvalidError(
      'xkey',
      `The header 'Nats-Server-Xkey' of the request is not what its server has signed.`,
    );
}

function checkTrust(server: CalloutServer, { servers }: CalloutSettings): void {
  if (!servers) return;
  let cause: Error | undefined;
  const isTrusted = isolated(
    () => servers(server),
    (error) => (cause = asError(error)),
  );
  if (isTrusted === true) return;
  throw new RequestInvalidError(
    'untrusted',
    `The server ${quoted(server.name)} (${server.id}) may not ask: 'callout.servers' does not have it.`,
    { cause },
  );
}
