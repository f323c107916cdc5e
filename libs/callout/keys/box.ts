import { PackageMissingError } from '../../base/index.js';

/** The cipher of NaCl's boxes, XSalsa20-Poly1305, which neither Node.js nor OpenSSL has. */
export interface Box {
  /** The key of a box, of the shared secret of two curve keys. */
  keyOf(sharedSecret: Uint8Array): Uint8Array;
  seal(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array;
  /** `undefined` for what was not sealed with this key. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/** @throws {@link PackageMissingError} */
export async function loadBox(): Promise<Box> {
  const { hsalsa, xsalsa20poly1305 } = await loadSalsa();
  return {
    keyOf(sharedSecret) {
      const key = new Uint32Array(8);
      hsalsa(SIGMA, words(sharedSecret), new Uint32Array(4), key);
      return bytes(key);
    },
    seal: (key, nonce, data) => xsalsa20poly1305(key, nonce).encrypt(data),
    open(key, nonce, sealed) {
      try {
        return xsalsa20poly1305(key, nonce).decrypt(sealed);
      } catch {
        return undefined;
      }
    },
  };
}

async function loadSalsa() {
  try {
    return await import('@noble/ciphers/salsa.js');
  } catch (error) {
    throw new PackageMissingError("Option 'callout.xkey'", '@noble/ciphers', error);
  }
}

/** Salsa20 computes with words in little endian, whatever the machine does. */
function words(source: Uint8Array): Uint32Array {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  return Uint32Array.from({ length: source.length / 4 }, (_, index) => view.getUint32(index * 4, true));
}

function bytes(source: Uint32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(source.length * 4));
  source.forEach((word, index) => view.setUint32(index * 4, word, true));
  return new Uint8Array(view.buffer);
}

/** The constant of Salsa20 for keys of 32 bytes. */
const SIGMA = words(new TextEncoder().encode('expand 32-byte k'));
