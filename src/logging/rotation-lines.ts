import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { describeError, type Emitter, quoted } from '../../libs/base/index.js';
import { codeOf } from './fields.js';
import type { Log } from './log.js';
import { duration, some } from './words.js';

/** So many subjects tell which part of the application has subscribed them. */
const MOST_SUBJECTS = 3;

/** Rotations, and what ends with a connection that is replaced or lost. */
export function logRotations(events: Emitter<NatsAuthEvents>, log: Log): void {
  events.on('rotated', (event) => {
    const { connection, role, mode, trigger, outcome, durationMs, error, hint, fallback } = event;
    const instead = fallback ? ` instead of handover: ${describeError(fallback).replace(/\.$/, '')}` : '';
    const rotation = `${connection}/${role}: rotation (${trigger}, ${mode}${instead})`;
    const fields = { event: 'rotated', connection, role, mode, trigger, outcome, durationMs };
    const why = error ?? fallback;
    const told = why ? { ...fields, error: describeError(why), code: codeOf(why) } : fields;
    const took = `${rotation} took ${duration(durationMs)}`;
    if (hint !== undefined) log('warn', `${took}: ${hint}`, told);
    else if (outcome === 'success') log(fallback ? 'warn' : 'log', took, told);
    else log('warn', `${rotation} failed after ${duration(durationMs)}: ${describeError(error)}`, told);
  });
  events.on('subscriptionsLeft', ({ connection, role, subjects }) => {
    const what = `${connection}/${role}: the application's subscriptions to ${some(subjects.map(quoted), MOST_SUBJECTS)}`;
    const text = `${what} end with the connection that was replaced: make them again on that of unwrap()`;
    log('warn', text, { event: 'subscriptionsLeft', connection, role, subjects });
  });
  events.on('cutOff', ({ connection, role, pending, waitedMs }) => {
    const text = `${connection}/${role}: cut off ${pending} that had not ended after ${duration(waitedMs)}`;
    log('warn', text, { event: 'cutOff', connection, role, pending, waitedMs });
  });
  events.on('outputDropped', ({ connection, role, messages }) => {
    const text = `${connection}/${role}: dropped ${messages} messages that were published while disconnected`;
    log('warn', text, { event: 'outputDropped', connection, role, messages });
  });
}
