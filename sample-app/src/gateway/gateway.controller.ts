import { Controller, Get, Param, ParseIntPipe, ServiceUnavailableException } from '@nestjs/common';
import { NatsAuthClient } from 'nestjs-nats-auth';
import { catchError, type Observable, timeout } from 'rxjs';

@Controller('orders')
export class GatewayController {
  constructor(private readonly nats: NatsAuthClient) {}

  @Get(':id')
  order(@Param('id', ParseIntPipe) id: number): Observable<unknown> {
    return this.nats.send('orders.get', id).pipe(
      timeout(2_000),
      catchError((error: unknown) => {
        throw new ServiceUnavailableException(String(error));
      }),
    );
  }
}
