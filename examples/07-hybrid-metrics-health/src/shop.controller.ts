import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';
import { NatsAuthClient } from 'nestjs-nats-auth';
import type { Observable } from 'rxjs';

@Controller('orders')
export class ShopController {
  constructor(private readonly nats: NatsAuthClient) {}

  @Get(':id')
  order(@Param('id', ParseIntPipe) id: number): Observable<{ id: number; status: string }> {
    return this.nats.send('orders.get', id);
  }
}
