import { expect, it } from 'vitest';

import { OrderTally } from '../../sample-app/src/orders/order-tally.js';

/** A tally of this many orders, stored under their numbers as sequences. */
function aTally(orders: number): OrderTally {
  const tally = new OrderTally();
  for (let n = 1; n <= orders; n++) tally.stored(tally.place(), n);
  return tally;
}
const readAndAcknowledge = (tally: OrderTally, number: number) => {
  tally.read(number, number);
  tally.acknowledged(number);
};

it('counts an order as lost once the server would not deliver it any more', () => {
  const tally = aTally(3);
  readAndAcknowledge(tally, 1);
  readAndAcknowledge(tally, 3);
  tally.passed(1);
  expect(tally.view).toMatchObject({ stored: 3, read: 2, lost: 0 });
  tally.passed(3);
  expect(tally.view).toMatchObject({ stored: 3, read: 2, lost: 1 });
});

it('loses nothing when the confirmation comes after the order itself', () => {
  const tally = new OrderTally();
  const number = tally.place();
  readAndAcknowledge(tally, number);
  tally.stored(number, 1);
  tally.passed(1);
  expect(tally.view).toMatchObject({ placed: 1, stored: 1, read: 1, lost: 0, twice: 0 });
});

it('excuses an order that comes again because its acknowledgement was lost, and no other', () => {
  const tally = aTally(3);
  tally.read(1, 1);
  tally.read(1, 1);
  tally.acknowledged(1);
  expect(tally.view).toMatchObject({ read: 1, redelivered: 1, twice: 0 });
  tally.read(1, 1);
  expect(tally.view).toMatchObject({ read: 1, redelivered: 1, twice: 1 });
  readAndAcknowledge(tally, 3);
  tally.read(3, 3);
  expect(tally.view).toMatchObject({ read: 2, twice: 2 });
});

it('counts an order as twice that is in the stream twice, although neither was acknowledged', () => {
  const tally = aTally(1);
  tally.read(1, 1);
  tally.read(1, 2);
  expect(tally.view).toMatchObject({ read: 1, redelivered: 0, twice: 1 });
});
