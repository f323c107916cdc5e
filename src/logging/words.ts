import type { UserInfoSummary } from '../../libs/credentials/index.js';

/** As a person would say it: `12 ms`, `3.4 s`, `25 min`, `7.5 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, ms).toFixed(0)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  if (ms < 3_600_000) return `${Number((ms / 60_000).toFixed(1))} min`;
  return `${Number((ms / 3_600_000).toFixed(1))} h`;
}

/** The name as well: several servers may share an address. */
export function named({ server, serverName }: { server: string; serverName?: string }): string {
  return serverName === undefined ? server : `${server}, server ${serverName}`;
}

/** Kind and expiry, and whose it is where that may be told. */
export function described({ kind, expiresAt }: UserInfoSummary, user?: string): string {
  const whose = user === undefined ? kind : `${kind} of ${user}`;
  return expiresAt === undefined ? whose : `${whose} valid until ${new Date(expiresAt).toISOString()}`;
}

/** For how long what is in use stays valid. */
export function validity(validForMs: number): string {
  return validForMs > 0
    ? `what is in use stays valid for ${duration(validForMs)}`
    : `what is in use expired ${duration(-validForMs)} ago`;
}

/** The first of the texts, and how many more there are. */
export function some(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return texts.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
