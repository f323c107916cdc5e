// The service that the gateway asks.
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NatsAuthModule, natsAuthTransport } from 'nestjs-nats-auth';

@Controller()
class PricesController {
  @MessagePattern('prices.get')
  get(@Payload() article: string) {
    return { article, price: article.length };
  }
}

export async function startPrices(servers: string) {
  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: { servers },
        userInfoProvider: { getUserInfo: () => ({ user: 'prices', pass: 'of prices' }) },
      }),
    ],
    controllers: [PricesController],
  })
  class PricesModule {}

  const app = await NestFactory.createMicroservice(PricesModule, {
    ...natsAuthTransport(),
    logger: ['warn', 'error'],
  });
  await app.listen();
  return app;
}
