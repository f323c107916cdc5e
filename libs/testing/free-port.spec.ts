import { describe, expect, it } from 'vitest';

import { BAD_PORTS } from './bad-ports.js';
import { freePort } from './free-port.js';

/** Whether `fetch` lets this port through to whoever dials for it; nobody does. */
const isOpenToFetch = async (port: number) => {
  let dialled = false;
  const dispatch = () => {
    dialled = true;
    throw new Error('not dialled');
  };
  await fetch(`http://127.0.0.1:${port}/`, { dispatcher: { dispatch } } as object).catch(() => {});
  return dialled;
};

describe('freePort', () => {
  it.each([...BAD_PORTS])('never gives port %i, which fetch refuses', async (bad) => {
    const good = await freePort();
    const drawn = [bad, bad, good];
    expect(await freePort(() => drawn.shift() ?? NaN)).toBe(good);
  });

  it('gives no other port either that the fetch of this Node.js refuses', async () => {
    const refused = [];
    for (let port = 1; port < 11_000; port++) if (!(await isOpenToFetch(port))) refused.push(port);
    expect(refused).not.toEqual([]);
    expect(refused.filter((port) => !BAD_PORTS.has(port))).toEqual([]);
  });

  it('gives no port twice, so that a server which is stopped finds its own free again', async () => {
    const ports = [];
    for (let i = 0; i < 600; i++) ports.push(await freePort());
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('gives up when no drawn port will do', async () => {
    await expect(freePort(() => 10_080)).rejects.toThrow(/None of 1000 ports/);
  });
});
