import { Injectable } from '@nestjs/common';
import { NatsAuthClient } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';

@Injectable()
export class OrdersService {
  constructor(private readonly nats: NatsAuthClient) {}

  async total(articles: readonly string[]): Promise<number> {
    const prices = articles.map((article) => firstValueFrom(this.nats.send<number>('prices.get', article)));
    return (await Promise.all(prices)).reduce((sum, price) => sum + price, 0);
  }
}
