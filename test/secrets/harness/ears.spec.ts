import { Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createOperatorMode } from '../../support/operator-mode.js';
import { PASSWORD } from '../places/index.js';
import { Ears } from './ears.js';
import { formsOf } from './forms.js';
import { Scene } from './scene.js';
import { Secrets } from './secrets.js';

function listen() {
  const [ears, secrets] = [new Ears(), new Secrets()];
  onTestFinished(() => ears.close());
  return { ears, secrets, secret: secrets.word('word') };
}

/** What a search that finds nothing would be worth without these. */
describe('the search finds', () => {
  it.each([
    ['plain', (secret: string) => secret],
    ['in JSON', (secret: string) => JSON.stringify({ secret })],
    ['in a URL', (secret: string) => `nats://svc:${encodeURIComponent(secret)}@host`],
    ['behind one byte in base64', (secret: string) => btoa(`a${secret}`)],
    ['behind two bytes in base64', (secret: string) => btoa(`ab${secret}`)],
    ['of Basic authentication', (secret: string) => btoa(`orders:${secret}:more`)],
    ['in hex', (secret: string) => Buffer.from(`x${secret}x`).toString('hex')],
    ['in a Buffer', (secret: string) => Buffer.from(secret)],
    ['in a Uint8Array', (secret: string) => new TextEncoder().encode(secret)],
    ['in a Buffer in JSON', (secret: string) => JSON.stringify(Buffer.from(secret))],
    ['behind a hidden property', (secret: string) => Object.defineProperty({}, 'hidden', { value: secret })],
    ['behind a getter', (secret: string) => ({ get it() { return secret; } })], // prettier-ignore
    ['behind a symbol', (secret: string) => ({ [Symbol('it')]: secret })],
    ['in a map of sets', (secret: string) => new Map([[1, new Set([secret])]])],
    ['nine levels down', (secret: string) => nested(9, secret)],
    ['at the end of a long list', (secret: string) => [...Array<number>(500).fill(0), secret]],
    [
      'in the cause of a cause',
      (secret: string) => new Error('a', { cause: new Error('b', { cause: secret }) }),
    ],
    ['in one of many errors', (secret: string) => new AggregateError([new Error('a'), new Error(secret)])],
    ['in a field of an error', (secret: string) => Object.assign(new Error('a'), { secret })],
  ])('a secret %s', (_, write) => {
    const { ears, secrets, secret } = listen();
    ears.hear('test', { harmless: true });
    expect(ears.leaks(secrets)).toEqual([]);
    ears.hear('test', write(secret));
    expect(ears.leaks(secrets)).not.toEqual([]);
  });

  it('the claims, the signature and the seed of a .creds file, and no more of it', async () => {
    const secrets = new Secrets();
    const { creds, jwt, seed } = await (await createOperatorMode()).mintUser();
    secrets.keep('creds', creds);
    const [header = '', claims = '', signature = ''] = jwt.split('.');
    for (const part of [claims, signature, seed]) expect(secrets.in(`a ${part}`)).toHaveLength(1);
    for (const part of [header, 'BEGIN NATS USER JWT']) expect(secrets.in(`a ${part}`)).toEqual([]);
  });

  it('no form twice', () => {
    const written = formsOf('abc123').map((form) => form.written);
    expect(new Set(written).size).toBe(written.length);
  });
});

describe('the ears hear', () => {
  it.each(['log', 'error', 'warn', 'debug', 'verbose', 'fatal'] as const)('the level %s', async (level) => {
    const scene = await Scene.of(PASSWORD);
    await scene.start();
    const secret = scene.secrets.word('word');
    new Logger('test')[level]({ user: 'svc', pass: secret });
    expect(scene.ears.at(`log (${level})`)).toContain(secret);
    expect(scene.ears.at('std')).toContain(secret);
    await expect(scene.end()).rejects.toThrow('secrets that were told');
  });

  it('events, metrics, and what is written to the terminal', async () => {
    const { ears, secrets, secret } = listen();
    process.stderr.write(`one ${secret}`);
    process.emitWarning(`two ${secret}`);
    const registry = new Registry();
    new Counter({ name: 'c', help: 'c', labelNames: ['l'], registers: [registry] }).inc({ l: secret });
    ears.read('metrics', await registry.metrics());
    await new Promise(setImmediate);
    expect(ears.leaks(secrets).map((leak) => leak.split(':')[0])).toEqual(
      expect.arrayContaining(['stderr', 'process warning', 'metrics']),
    );
  });

  it('nothing of an error that is exempt, but what others make of it', () => {
    const { ears, secrets, secret } = listen();
    const own = ears.exempt(new Error(`own ${secret}`));
    ears.hear('test', own, new Error('ours', { cause: own }));
    expect(ears.leaks(secrets)).toEqual([]);
    expect(own.message).toContain(secret);
    ears.hear('test', new Error(own.message));
    expect(ears.leaks(secrets)).not.toEqual([]);
  });
});

function nested(depth: number, secret: string): object {
  return depth === 0 ? { secret } : { deeper: nested(depth - 1, secret) };
}
