import type { CurveKeys } from '../keys/curve-keys.js';
import { RequestInvalidError } from './request-error.js';

/** A request as it arrives. */
export interface Sealed {
  readonly data: Uint8Array;
  readonly reply?: string;
  /** The header `Nats-Server-Xkey`: the curve key to which the server wants the answer sealed. */
  readonly serverXkey?: string;
}

/** A request that can be read. */
export interface Open {
  readonly text: string;
  readonly seal?: (answer: Uint8Array) => Uint8Array;
}

/** What sealed data begins with. */
const SEALED = 'xkv1';

/** @throws {@link RequestInvalidError} `sealed`: no key opens it. `plain`: it should have been sealed. */
export function opened({ data, serverXkey }: Sealed, curves: CurveKeys | undefined): Open {
  if (serverXkey === undefined) return plain(data, curves);
  if (!curves)
    throw new RequestInvalidError(
      'sealed',
      `The server seals its requests: set 'callout.xkey' to the seed of the key that its auth_callout has as xkey.`,
    );
  const open = curves.open(data, serverXkey);
  if (!open)
    throw new RequestInvalidError(
      'sealed',
      `The request is sealed to another key than 'callout.xkey', whose public key is ${curves.publicKeys.join(', ')}: that is what the server must have as xkey.`,
    );
  return { text: textOf(open.data), seal: (answer) => open.seal(answer) };
}

function plain(data: Uint8Array, curves: CurveKeys | undefined): Open {
  const text = textOf(data);
  if (text.startsWith(SEALED))
    throw new RequestInvalidError('sealed', `The request is sealed, and has no header 'Nats-Server-Xkey'.`);
  if (curves)
    throw new RequestInvalidError(
      'plain',
      `The request came in the open, though 'callout.xkey' is set. The auth_callout of its server must have xkey: ${curves.publicKeys.join(', ')}.`,
    );
  return { text };
}

/** A JWT has nothing but ASCII. */
function textOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}
