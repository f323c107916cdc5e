import type { UserInfoRequest } from 'nestjs-nats-auth';

/** A request as a credential source makes it. */
export function userInfoRequest(signal: AbortSignal = new AbortController().signal): UserInfoRequest {
  return { connection: 'orders', role: 'server', reason: 'connect', attempt: 1, signal };
}
