import { AsyncLocalStorage } from 'node:async_hooks';

import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { map } from 'rxjs';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';

const userOf = new AsyncLocalStorage<string>();
const userOfNow = () => userOf.getStore() ?? 'nobody';

@Controller()
class Handlers {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }

  @MessagePattern('user.of.*')
  user() {
    return userOfNow();
  }
}

const service = { controllers: [Handlers] };

describe('the async context', () => {
  parity('of the replies to two users, the first of whom connects', {
    service,
    observe: async ({ client }) => {
      const replied = (user: string) =>
        userOf.run(user, () => outcome(client.send('echo', user).pipe(map(userOfNow))));
      return `${await replied('anna')}, ${await replied('ben')}`;
    },
    stock: '"anna" |, "anna" |',
    difference: DIFFERENCES.contextOfReplies,
  });

  parity('of the handlers of a service that is started in one', {
    observe: async (run) => {
      await userOf.run('the starter', () => run.startService({}, { service }));
      return outcome(run.client.send('user.of.now', {}));
    },
    stock: '"the starter" |',
    difference: DIFFERENCES.contextOfHandlers,
  });
});
