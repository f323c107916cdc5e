import dns from 'node:dns';

import { onTestFinished, vi } from 'vitest';

type Done = (error: Error | null, found?: unknown) => void;

/**
 * Makes `name` these addresses, or one that does not exist when there are none, until the test has ended. nats.js 3.4 looks names
 * up, older ones ask a DNS server.
 * @returns how often it was asked for.
 */
export function resolveName(name: string, addresses: () => readonly string[]): { readonly times: number } {
  const asked = { times: 0 };
  const answer = (done: Done, found: (address: string) => unknown) => {
    asked.times++;
    const all = addresses();
    if (all.length > 0) done(null, all.map(found));
    else done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }));
  };
  const { lookup, resolve4, resolve6 } = dns;
  const spies = [
    vi.spyOn(dns, 'lookup').mockImplementation(((host: string, options: object, done: Done) => {
      if (host === name) answer(done, (address) => ({ address, family: 4 }));
      else lookup(host, options, done);
    }) as never),
    vi.spyOn(dns, 'resolve4').mockImplementation(((host: string, done: Done) => {
      if (host === name) answer(done, (address) => address);
      else resolve4(host, done);
    }) as never),
    vi.spyOn(dns, 'resolve6').mockImplementation(((host: string, done: Done) => {
      if (host === name) done(null, []);
      else resolve6(host, done);
    }) as never),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return asked;
}
