import { Emitter } from '../../../libs/base/index.js';
import { Callout, type CalloutEvents, calloutSettings } from '../../../libs/callout/index.js';
import type { Authorize } from '../contestant-process.js';
import type { Keys } from '../fake-server.js';

/** The engine of this package, as its module runs it. */
export async function ours({ issuer, curve }: Keys): Promise<Authorize> {
  const events = new Emitter<CalloutEvents>();
  const callout = new Callout({
    connection: 'bench',
    settings: await calloutSettings({ issuer, xkey: curve, accounts: ['APP'] }),
    events,
    authorizer: {
      authorize: ({ client }) => ({
        name: client.name ?? '',
        permissions: { publish: { allow: ['orders.>'] }, subscribe: { allow: ['_INBOX.>'] } },
      }),
    },
  });
  const problem = new Promise<never>((_, reject) => {
    for (const name of ['refused', 'discarded', 'failed'] as const)
      events.on(name, ({ error }) => reject(new Error(`A request was ${name}.`, { cause: error })));
  });
  return async (requests) => {
    for (let first = 0; first < requests.length; first += AT_ONCE) {
      const batch = requests.slice(first, first + AT_ONCE);
      const answered = Promise.all(
        batch.map((request) => callout.receive({ ...request, respond: () => {} })),
      );
      await Promise.race([answered, problem]);
    }
  };
}

/** As many as a callout has under way by default. */
const AT_ONCE = 64;
