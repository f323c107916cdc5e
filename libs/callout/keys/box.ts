import { PackageMissingError } from '../../base/index.js';

/** NaCl's boxes, whose cipher, XSalsa20-Poly1305, neither Node.js nor OpenSSL has. All keys are raw. */
export interface Box {
  publicKeyOf(privateKey: Uint8Array): Uint8Array;
  /** The key of what two sides seal for each other; `undefined` for a public key that none makes. */
  sharedKey(privateKey: Uint8Array, otherPublicKey: Uint8Array): Uint8Array | undefined;
  seal(sharedKey: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array;
  /** `undefined` for what was not sealed with this key. */
  open(sharedKey: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/** @throws {@link PackageMissingError} */
export async function loadBox(): Promise<Box> {
  const sodium = await loadSodium();
  await sodium.ready;
  return {
    publicKeyOf: (privateKey) => sodium.crypto_scalarmult_base(privateKey),
    // A point of low order is refused: it would give a key that everybody knows.
    sharedKey: (privateKey, otherPublicKey) =>
      unlessRefused(() => sodium.crypto_box_beforenm(otherPublicKey, privateKey)),
    seal: (sharedKey, nonce, data) => sodium.crypto_box_easy_afternm(data, nonce, sharedKey),
    open: (sharedKey, nonce, sealed) =>
      unlessRefused(() => sodium.crypto_box_open_easy_afternm(sealed, nonce, sharedKey)),
  };
}

async function loadSodium() {
  try {
    return (await import('libsodium-wrappers')).default;
  } catch (error) {
    throw new PackageMissingError("Option 'callout.xkey'", 'libsodium-wrappers', error);
  }
}

function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
