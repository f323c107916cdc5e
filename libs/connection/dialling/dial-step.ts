/** Where the dial loop of a connection is; docs/how-it-works.md draws it. */
export type DialStep =
  | { readonly step: 'between' }
  /** It is a server's turn, since this many ms since the epoch, and none of its addresses has been dialled. */
  | { readonly step: 'waiting'; readonly since: number }
  | { readonly step: 'dialling' }
  /** An asynchronous signer is working, since this many ms by `Clock.elapsed()`. */
  | { readonly step: 'signing'; readonly since: number }
  /** The error ended all dials: what nats.js tries after it would hide it. */
  | { readonly step: 'over'; readonly error: Error };

/** What happens in the dial loop. */
export type DialEvent =
  | { readonly type: 'turn'; readonly since: number }
  | { readonly type: 'address' }
  | { readonly type: 'signing'; readonly since: number }
  | { readonly type: 'signed' }
  /** The dial of an address succeeded or failed. */
  | { readonly type: 'ended' }
  | { readonly type: 'final'; readonly error: Error };

/** The step after an event; the same one when the event comes too late to mean anything. */
export function nextDialStep(current: DialStep, event: DialEvent): DialStep {
  const { step } = current;
  if (step === 'over') return current;
  switch (event.type) {
    case 'turn':
      return { step: 'waiting', since: event.since };
    case 'address':
      return { step: 'dialling' };
    case 'signing':
      return step === 'dialling' ? { step: 'signing', since: event.since } : current;
    case 'signed':
      return step === 'signing' ? { step: 'dialling' } : current;
    case 'ended':
      return step === 'dialling' || step === 'signing' ? { step: 'between' } : current;
    case 'final':
      return { step: 'over', error: event.error };
  }
}
