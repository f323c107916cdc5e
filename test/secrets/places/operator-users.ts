import { fromSeed } from '@nats-io/nkeys';
import type { UserInfo } from 'nestjs-nats-auth';
import { startNatsServer } from 'nestjs-nats-auth/testing';

import type { Secrets } from '../harness/secrets.js';
import { createOperatorMode, type MintedUser, type MintOptions } from '../../support/operator-mode.js';
import type { Kind } from './place.js';

/** Users of a server in operator mode, presented as `present` says. */
function operatorKind(kind: string, present: (user: MintedUser) => UserInfo): Kind {
  return {
    kind,
    expires: true,
    open: async (secrets) => {
      const operator = await createOperatorMode();
      const stranger = await createOperatorMode();
      const server = await startNatsServer({ config: await operator.config() });
      let issued: string[] = [];
      const mint = async (options?: MintOptions) => {
        const user = keep(secrets, await operator.mintUser(options));
        issued.push(user.publicKey);
        return present(user);
      };
      return {
        server,
        issue: () => mint(),
        issueFor: (expiresInMs) => mint({ expiresInMs }),
        forge: async () => present(keep(secrets, await stranger.mintUser())),
        withdraw: async () => {
          issued.forEach((publicKey) => operator.revoke(publicKey));
          issued = [];
          await operator.pushClaims(server);
        },
        stop: () => server.stop(),
      };
    },
  };
}

function keep(secrets: Secrets, user: MintedUser): MintedUser {
  secrets.keep('user JWT', user.jwt);
  secrets.keep('seed', user.seed);
  return user;
}

export const CREDS = operatorKind('a .creds file', ({ creds }) => ({ creds }));
export const CREDS_BYTES = operatorKind('a .creds file as bytes', ({ creds }) => ({
  creds: new TextEncoder().encode(creds),
}));
export const JWT_AND_SEED = operatorKind('a JWT and its seed', ({ jwt, seed }) => ({ jwt, seed }));
export const JWT_AND_SIGNER = operatorKind('a JWT and a signer', ({ jwt, seed }) => ({
  jwt,
  sign: (nonce) => Promise.resolve(fromSeed(new TextEncoder().encode(seed)).sign(nonce)),
}));
