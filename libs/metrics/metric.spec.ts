import { describe, expect, it } from 'vitest';

import type { NatsAuthEvents } from '../connection/index.js';
import { metricFedBy } from './metric.js';

const metric = metricFedBy<NatsAuthEvents>();

const REUSES = { shared: true, cached: true, stale: true } as const;
const counter = { type: 'counter', help: 'For this test' } as const;

// What is expected here is an error of the compiler: `npm run types` fails when one of them does not come.
describe('a metric', () => {
  it('lists the values of its labels, as the events have them', () => {
    const { labels } = metric({
      ...counter,
      labels: { kind: REUSES },
      fedBy: { reused: ({ kind }) => ({ labels: { kind } }) },
    });
    expect(labels).toEqual({ kind: ['shared', 'cached', 'stale'] });
  });

  it('is refused by the compiler without a value that an event can have, or with one that none has', () => {
    metric({
      ...counter,
      // @ts-expect-error -- `stale` is missing
      labels: { kind: { shared: true, cached: true } },
      fedBy: { reused: ({ kind }) => ({ labels: { kind } }) },
    });
    metric({
      ...counter,
      // @ts-expect-error -- no event says `borrowed`
      labels: { kind: { ...REUSES, borrowed: true } },
      fedBy: { reused: ({ kind }) => ({ labels: { kind } }) },
    });
    metric({
      ...counter,
      // @ts-expect-error -- `failure` is fed, but not listed
      labels: { outcome: { success: true } },
      fedBy: {
        refreshed: () => ({ labels: { outcome: 'success' } }),
        refreshFailed: () => ({ labels: { outcome: 'failure' } }),
      },
    });
  });

  it('is refused by the compiler with a label that is not fed, or without one that is', () => {
    metric({
      ...counter,
      // @ts-expect-error -- the role is not fed
      labels: { kind: REUSES, role: { server: true, client: true } },
      fedBy: { reused: ({ kind }) => ({ labels: { kind } }) },
    });
    // @ts-expect-error -- the kind has no values
    metric({ ...counter, labels: {}, fedBy: { reused: ({ kind }) => ({ labels: { kind } }) } });
  });

  it('is refused by the compiler when nothing feeds it, or an event that there is not', () => {
    // @ts-expect-error -- no event
    metric({ ...counter, labels: {}, fedBy: {} });
    // @ts-expect-error -- it is called `reused`
    metric({ ...counter, labels: {}, fedBy: { reuse: () => ({ labels: {} }) } });
  });
});
