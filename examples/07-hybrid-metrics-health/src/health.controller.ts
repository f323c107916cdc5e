import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { NatsAuthHealthIndicator } from 'nestjs-nats-auth';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly nats: NatsAuthHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    // Down after a second without a connection; 10 s, the default, is better for a service that does not end so soon.
    return this.health.check([() => this.nats.check('nats', { graceTime: 1_000 })]);
  }
}
