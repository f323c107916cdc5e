import { randomUUID } from 'node:crypto';

import { Controller, Inject } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  NatsAuthClient,
  NatsAuthModule,
  natsAuthTransport,
  type RefreshReason,
  type UserInfo,
} from 'nestjs-nats-auth';
import type { Observable } from 'rxjs';

/** What the service asks its parent. */
export interface Ask {
  readonly id: string;
  readonly reason: RefreshReason;
}

/** What the parent tells it: an answer, or to close. */
export type Word = { readonly id: string; readonly userInfo: UserInfo } | 'close';

/** The name of its connections, and the subject that it answers on. */
export const NAME = 'relay';

/** Answers requests with the help of its own client, until the parent has it close or is gone. */
export async function serve(url: string): Promise<void> {
  const nats = NatsAuthModule.forRoot({
    userInfoProvider: { getUserInfo: ({ reason }) => askParent(reason) },
    connection: { servers: url, name: NAME, reconnectTimeWait: 20, reconnectJitter: 10 },
    rejection: { initialDelay: 10, maxDelay: 50 },
  });
  const service = await NestFactory.createMicroservice(
    { module: class {}, imports: [nats], controllers: [RelayController] },
    { ...natsAuthTransport(), logger: false },
  );
  const over = new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    process.on('message', (word: Word) => {
      if (word === 'close') resolve();
    });
  });
  await service.listen();
  await over;
  await service.close();
  if (process.connected) process.disconnect();
}

@Controller()
class RelayController {
  constructor(@Inject(NatsAuthClient) private readonly client: NatsAuthClient) {}

  @MessagePattern(NAME)
  relay(@Payload() text: string): Observable<string> {
    return this.client.send<string>(`${NAME}.echo`, text);
  }

  @MessagePattern(`${NAME}.echo`)
  echo(@Payload() text: string): string {
    return text;
  }
}

function askParent(reason: RefreshReason): Promise<UserInfo> {
  const ask: Ask = { id: randomUUID(), reason };
  return new Promise((resolve) => {
    const hear = (word: Word) => {
      if (word === 'close' || word.id !== ask.id) return;
      process.off('message', hear);
      resolve(word.userInfo);
    };
    process.on('message', hear);
    process.send?.(ask);
  });
}
