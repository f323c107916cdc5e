import fc from 'fast-check';
import { describe, it } from 'vitest';

import { Fifo } from './fifo.js';

describe('a queue', () => {
  it('gives what came first, whatever the order of coming and going', () => {
    const goesLikeAnArray = (steps: readonly number[]) => {
      const [queue, array] = [new Fifo<number>(), [] as number[]];
      for (const step of steps) {
        for (let i = 0; i < step; i++) {
          queue.push(i);
          array.push(i);
        }
        for (let i = 0; i < -step; i++) if (queue.shift() !== array.shift()) return false;
      }
      while (array.length > 0) if (queue.shift() !== array.shift()) return false;
      return queue.shift() === undefined;
    };
    fc.assert(fc.property(fc.array(fc.integer({ min: -600, max: 600 }), { maxLength: 12 }), goesLikeAnArray));
  });
});
