import { Controller, Get, Param } from '@nestjs/common';
import { NatsAuthClient } from 'nestjs-nats-auth';
import type { Observable } from 'rxjs';

@Controller('prices')
export class PricesController {
  constructor(private readonly nats: NatsAuthClient) {}

  @Get(':article')
  price(@Param('article') article: string): Observable<{ article: string; price: number }> {
    return this.nats.send('prices.get', article);
  }
}
