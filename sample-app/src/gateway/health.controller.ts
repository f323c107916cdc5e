import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { InjectNatsAuthHealthIndicator, type NatsAuthHealthIndicator } from 'nestjs-nats-auth';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    @InjectNatsAuthHealthIndicator('gateway') private readonly nats: NatsAuthHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.nats.check('nats')]);
  }
}
