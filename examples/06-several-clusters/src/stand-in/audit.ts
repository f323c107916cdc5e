// The other system: a service of its own that hears of what was cancelled.
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { NatsAuthModule, natsAuthTransport } from 'nestjs-nats-auth';

export async function startAudit(servers: string, token: string, heard: (id: number) => void) {
  @Controller()
  class AuditController {
    @EventPattern('order.cancelled')
    cancelled(@Payload() { id }: { id: number }) {
      heard(id);
    }
  }

  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: { servers },
        userInfoProvider: { getUserInfo: () => ({ token }) },
      }),
    ],
    controllers: [AuditController],
  })
  class AuditModule {}

  const app = await NestFactory.createMicroservice(AuditModule, {
    ...natsAuthTransport(),
    logger: ['warn', 'error'],
  });
  await app.listen();
  return app;
}
