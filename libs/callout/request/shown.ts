import { secretsIn, withoutSecrets } from './received-credentials.js';
import type { Received } from './received-request.js';

/** What events tell of a client and its server. */
export interface Shown {
  readonly client: string;
  readonly host: string;
  readonly server: string;
}

const LONGEST_NAME = 100;

/** A client is called by its name, or else by whom it presents. */
export function shown({ request, presented }: Received): Shown {
  const { name, mqttClientId, host } = request.client;
  const client = name ?? mqttClientId ?? presented.user ?? presented.nkey ?? '';
  const secrets = secretsIn(presented);
  return {
    client: cleaned(client, secrets),
    host: cleaned(host, secrets),
    server: cleaned(request.server.name, secrets),
  };
}

/** The words are those of others, for logs: without secrets, in one line, and short. */
function cleaned(text: string, secrets: readonly string[]): string {
  return withoutSecrets(text, secrets)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .slice(0, LONGEST_NAME);
}
