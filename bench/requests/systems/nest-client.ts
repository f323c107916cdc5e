import type { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom, lastValueFrom } from 'rxjs';

import type { Participant } from './system.js';

/** What an application does with a client proxy. */
export function throughClient(client: ClientProxy): Participant {
  return {
    request: (subject, payload) => firstValueFrom(client.send<unknown>(subject, payload)),
    emit: (subject, payload) => lastValueFrom(client.emit(subject, payload), { defaultValue: undefined }),
    flush: () => client.unwrap<{ flush(): Promise<void> }>().flush(),
  };
}
