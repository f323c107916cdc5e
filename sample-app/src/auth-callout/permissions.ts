import type { Permissions } from '@nats-io/jwt';

/** What each service does on NATS; whoever is not here is not admitted. */
const ROLES: Readonly<Record<string, { readonly answers?: string; readonly asks?: string }>> = {
  orders: { answers: 'orders.>', asks: 'pricing.>' },
  pricing: { answers: 'pricing.>' },
  gateway: { asks: 'orders.>' },
};

/** The NATS permissions of a service; `undefined` for one that is not known. */
export function permissionsOf(service: string): Partial<Permissions> | undefined {
  const role = ROLES[service];
  if (!role) return undefined;
  const { answers, asks } = role;
  // Replies come to an inbox, and a handover probes its new connection with one.
  return {
    pub: { allow: [...(asks ? [asks] : []), '_INBOX.>'] },
    sub: { allow: [...(answers ? [answers] : []), '_INBOX.>'] },
  };
}
