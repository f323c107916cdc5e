import { isObservable, Observable, type Subscriber } from 'rxjs';

/** The stream of a reply whose one value is there: who knows that need not subscribe to it. */
export class SingleValue<T> extends Observable<T> {
  constructor(readonly value: T) {
    super(emitValue<T>);
  }
}

/** Whether a handler's result is the value of its reply, and no stream or promise of it. */
export function isPlain(result: unknown): boolean {
  return !(result instanceof Promise) && !isObservable(result);
}

/** rxjs calls it on the stream: a function for all of them costs less than one for each. */
function emitValue<T>(this: Observable<T>, subscriber: Subscriber<T>): void {
  subscriber.next((this as SingleValue<T>).value);
  subscriber.complete();
}
