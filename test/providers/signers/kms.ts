import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { onTestFinished } from 'vitest';

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs as a key management service does: elsewhere, later, and not always. */
export class Kms {
  /** What it was asked to sign, oldest first. */
  readonly signed: Uint8Array[] = [];
  /** How long an answer takes, in ms. */
  latencyMs = 0;
  /** What it fails with, while it does. */
  failure?: Error;
  readonly #worker: Worker;
  readonly #answers = new Map<number, (signature: Uint8Array) => void>();

  /** @param seed of the NKey user whose key it is given; it ends with the test. */
  constructor(seed: string) {
    const workerData = Buffer.concat([PKCS8_HEADER, rawKey(seed)]);
    this.#worker = new Worker(new URL('kms-worker.mjs', import.meta.url), { workerData });
    this.#worker.on('message', ({ id, signature }: { id: number; signature: Uint8Array }) => {
      this.#answers.get(id)?.(signature);
    });
    onTestFinished(async () => {
      await this.#worker.terminate();
    });
  }

  readonly sign = async (bytes: Uint8Array): Promise<Uint8Array> => {
    const id = this.signed.push(bytes);
    if (this.latencyMs > 0) await delay(this.latencyMs, undefined, { ref: false });
    if (this.failure) throw this.failure;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.#worker.postMessage({ id, bytes });
    });
  };
}

/** An NKey seed is two bytes of prefix, the key and a checksum in base32. */
function rawKey(seed: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(seed, (character) => alphabet.indexOf(character).toString(2).padStart(5, '0')).join(
    '',
  );
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
  return Buffer.from(bytes).subarray(2, 34);
}
