import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { Emitter } from './emitter.js';
import { jwtOf } from './secrets.fixture.js';

interface Events {
  ping: number;
  pong: string;
}

describe('an emitter', () => {
  it('tells each listener of its event, in the order of subscription', () => {
    const heard: string[] = [];
    const events = new Emitter<Events>();
    events.on('ping', (n) => heard.push(`first ${n}`));
    events.on('ping', (n) => heard.push(`second ${n}`));
    events.on('pong', (text) => heard.push(text));
    events.emit('ping', 1);
    expect(heard).toEqual(['first 1', 'second 1']);
  });

  it('tells a listener nothing once it has unsubscribed, and the others still', () => {
    const [gone, there] = [vi.fn(), vi.fn()];
    const events = new Emitter<Events>();
    const unsubscribe = events.on('ping', gone);
    events.on('ping', there);
    unsubscribe();
    unsubscribe();
    events.emit('ping', 1);
    expect(gone).not.toHaveBeenCalled();
    expect(there).toHaveBeenCalledOnce();
  });

  it('keeps a listener that throws from the others and from the emitter of the event', () => {
    const onListenerError = vi.fn();
    const other = vi.fn();
    const events = new Emitter<Events>(onListenerError);
    const thrown = new Error('listener');
    events.on('ping', () => {
      throw thrown;
    });
    events.on('ping', other);
    events.emit('ping', 1);
    expect(other).toHaveBeenCalledWith(1);
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith(thrown, 'ping');
  });

  it('reports an async listener that rejects, instead of ending the process', async () => {
    const onListenerError = vi.fn();
    const events = new Emitter<Events>(onListenerError);
    const thrown = new Error('async listener');
    const listener: (n: number) => unknown = () => Promise.reject(thrown);
    events.on('ping', listener);
    events.emit('ping', 1);
    await Promise.resolve();
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith(thrown, 'ping');
  });

  it('is not disturbed by listeners that subscribe or unsubscribe while it emits', () => {
    const events = new Emitter<Events>();
    const late = vi.fn();
    const unsubscribe = events.on('ping', () => {
      unsubscribe();
      events.on('ping', late);
    });
    events.emit('ping', 1);
    expect(late).not.toHaveBeenCalled();
    events.emit('ping', 2);
    expect(late).toHaveBeenCalledExactlyOnceWith(2);
  });

  it('warns on the process without quoting secrets, when nobody else wants to know', async () => {
    const jwt = jwtOf({});
    const events = new Emitter<Events>();
    events.on('ping', () => {
      throw new Error(`no ${jwt}`);
    });
    const warnings: string[] = [];
    const hear = (warning: Error) => warnings.push(warning.message);
    process.on('warning', hear);
    onTestFinished(() => void process.off('warning', hear));
    events.emit('ping', 1);
    // Others may warn, too.
    await vi.waitFor(() => expect(warnings).toContain("A listener of 'ping' threw: no [redacted]"));
  });
});
