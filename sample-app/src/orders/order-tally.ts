import type { OrdersView } from '../page/system-view.js';

/** An order that was read, until all before it are acknowledged. */
interface Reading {
  readonly sequence: number;
  isAcknowledged: boolean;
}

/** Counts what became of each order by its number: 1, 2, 3 … */
export class OrderTally {
  #placed = 0;
  #stored = 0;
  #read = 0;
  #twice = 0;
  #redelivered = 0;
  /** Up to this sequence of the stream everything is acknowledged. */
  #ackFloor = 0;
  /** Up to this number every order is read and acknowledged. */
  #done = 0;
  /** The sequences in the stream of orders that are stored and not read. */
  readonly #unread = new Map<number, number>();
  readonly #readings = new Map<number, Reading>();

  /** @returns the number of a new order. */
  place(): number {
    return ++this.#placed;
  }

  /** The server has confirmed it. */
  stored(number: number, sequence: number): void {
    this.#stored++;
    if (!this.#isRead(number)) this.#unread.set(number, sequence);
  }

  /** The consumer has it. One that comes again is excused if the server could not know that it had been read. */
  read(number: number, sequence: number): void {
    this.#unread.delete(number);
    if (!this.#isRead(number)) {
      this.#read++;
      this.#readings.set(number, { sequence, isAcknowledged: false });
      return;
    }
    const earlier = this.#readings.get(number);
    if (earlier?.sequence === sequence && !earlier.isAcknowledged) this.#redelivered++;
    else this.#twice++;
  }

  /** The server has confirmed that it knows that the order was read. */
  acknowledged(number: number): void {
    const reading = this.#readings.get(number);
    if (reading) reading.isAcknowledged = true;
    while (this.#readings.get(this.#done + 1)?.isAcknowledged) this.#readings.delete(++this.#done);
  }

  /** Up to this sequence the server delivers nothing any more: what was not read by now never will be. */
  passed(ackFloor: number): void {
    this.#ackFloor = ackFloor;
  }

  get view(): OrdersView {
    return {
      placed: this.#placed,
      stored: this.#stored,
      read: this.#read,
      lost: [...this.#unread.values()].filter((sequence) => sequence <= this.#ackFloor).length,
      twice: this.#twice,
      redelivered: this.#redelivered,
    };
  }

  #isRead(number: number): boolean {
    return number <= this.#done || this.#readings.has(number);
  }
}
