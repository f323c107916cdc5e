import { Controller, type Type } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';

/** Answers each request with its payload. */
export function echoController(pattern: string): Type {
  @Controller()
  class EchoController {
    @MessagePattern(pattern)
    echo(@Payload() payload: string) {
      return payload;
    }
  }
  return EchoController;
}
