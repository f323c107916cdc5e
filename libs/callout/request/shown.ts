import { type Presented, withoutSecrets } from './received-credentials.js';
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
  return {
    client: cleaned(client, presented),
    host: cleaned(host, presented),
    server: cleaned(request.server.name, presented),
  };
}

/** The words are those of others, for logs: without secrets, in one line, and short. */
function cleaned(text: string, presented: Presented): string {
  return withoutSecrets(text, presented)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .slice(0, LONGEST_NAME);
}
