import { type AuthorizationRequest, decode, encodeAuthorizationResponse, encodeUser } from '@nats-io/jwt';
import { fromCurveSeed, fromPublic, fromSeed } from '@nats-io/nkeys';

import type { Authorize } from '../contestant-process.js';
import type { Keys } from '../fake-server.js';

/** What a callout by hand does: `@nats-io/jwt`, and `@nats-io/nkeys` for the sealing. */
export function natsJwt(keys: Keys): Promise<Authorize> {
  const issuer = fromSeed(Buffer.from(keys.issuer));
  const curve = fromCurveSeed(Buffer.from(keys.curve));
  return Promise.resolve(async (requests) => {
    for (const { data, serverXkey } of requests) {
      const opened = curve.open(data, serverXkey);
      if (!opened) throw new Error('The request cannot be opened.');
      // decode() verifies the signature.
      const { nats } = decode<AuthorizationRequest>(Buffer.from(opened).toString());
      const request = nats as AuthorizationRequest;
      const user = fromPublic(request.user_nkey);
      const exp = Math.floor(Date.now() / 1_000) + 3_600;
      const jwt = await encodeUser(request.connect_opts.name ?? '', user, issuer, PERMISSIONS, {
        aud: 'APP',
        exp,
      });
      const answer = await encodeAuthorizationResponse(
        user,
        fromPublic(request.server_id.id),
        issuer,
        { jwt },
        {},
      );
      curve.seal(Buffer.from(answer), serverXkey);
    }
  });
}

const PERMISSIONS = { pub: { allow: ['orders.>'] }, sub: { allow: ['_INBOX.>'] } };
