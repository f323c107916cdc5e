import type { Child } from '../child/child.js';
import type { Footprint, Tally } from './service/protocol.js';
import type { ServiceCommands } from './service/service.js';
import { look, type ServerView, settled, type Stage } from './stage.js';

/** Everything that is measured at one quiet point. */
export interface Sample extends Footprint, Tally {
  /** Since the start, in ms. */
  readonly atMs: number;
  /** The fault that was played before. */
  readonly after: string;
  readonly faults: number;
  readonly server: ServerView;
  /** Connections open in the proxy. */
  readonly proxied: number;
  /** The user that the service presented last. */
  readonly user: string;
}

/** Lets the service rest, measures, and lets it go on. */
export async function takeSample(
  { stage, service }: { readonly stage: Stage; readonly service: Child<ServiceCommands> },
  at: Pick<Sample, 'atMs' | 'after' | 'faults'>,
): Promise<Sample> {
  await service.ask('rest', null);
  await settled(stage);
  const footprint = await service.ask('footprint', null);
  const sample = {
    ...at,
    ...footprint,
    ...(await service.ask('tally', null)),
    server: await look(stage),
    proxied: stage.proxy.open,
    user: await service.ask('user', null),
  };
  await service.ask('resume', null);
  return sample;
}
