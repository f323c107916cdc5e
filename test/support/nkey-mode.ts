import { createUser } from '@nats-io/nkeys';

export interface NkeyUser {
  readonly publicKey: string;
  readonly seed: string;
}

/** A user that a server knows by its public key. */
export function createNkeyUser(): NkeyUser {
  const key = createUser();
  return { publicKey: key.getPublicKey(), seed: new TextDecoder().decode(key.getSeed()) };
}

/** Server configuration with these users. */
export function nkeyConfig(users: readonly NkeyUser[]): string {
  return `authorization { users: [ ${users.map(({ publicKey }) => `{ nkey: ${publicKey} }`).join(', ')} ] }\n`;
}
