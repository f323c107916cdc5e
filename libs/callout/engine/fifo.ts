/** So many that have left stay in front of the array at least before it is cut. */
const CUT_AFTER = 256;

/** A queue that is as quick with thousands as with one: `Array.shift()` moves all that is behind. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.#first === this.#items.length) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.#first >= CUT_AFTER && this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
