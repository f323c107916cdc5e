import { expect } from 'vitest';

/** What a scraper gets. */
export async function scrape(url: string, accept = 'text/plain'): Promise<{ type: string; text: string }> {
  const response = await fetch(url, { headers: { accept } });
  expect(response.status).toBe(200);
  return { type: response.headers.get('content-type') ?? '', text: await response.text() };
}

/** The value of one series, such as `nats_auth_connected{connection="default",role="client"}`. */
export function value(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
