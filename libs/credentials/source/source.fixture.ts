import { Emitter, type Pauses, VirtualClock } from '../../base/index.js';
import { type Call, OpenProvider } from '../provider/provider.fixture.js';
import { watch, type Watched } from '../../base/watch.fixture.js';
import type { Role, UserInfoProvider } from '../provider/user-info-provider.js';
import type { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import { CredentialSource } from './credential-source.js';
import type { CredentialEvents } from './events.js';
import type { NewerCause, ResolveRequest } from './source-contract.js';
import { type RefreshOptions, refreshSettings } from './options.js';

/** An event that was heard, with its name. */
export type Heard = {
  [K in keyof CredentialEvents]: { readonly event: K } & CredentialEvents[K];
}[keyof CredentialEvents];

export interface SourceSetup {
  refresh?: RefreshOptions;
  provider?: UserInfoProvider;
  random?: () => number;
  /** The only role that the source serves. */
  role?: Role;
  /** Default: one of its own. */
  clock?: VirtualClock;
  pauses?: Pauses;
}

/**
 * A source on a virtual clock with a provider whose calls the test answers. Chance says 0.5 unless told: a delay is half
 * its bound, and a refresh ahead comes at 0.8 of a lifetime.
 */
export function setUp({
  refresh,
  provider,
  random = () => 0.5,
  role,
  clock = new VirtualClock(),
  pauses,
}: SourceSetup = {}) {
  const open = new OpenProvider();
  const listenerErrors: unknown[] = [];
  const events = new Emitter<CredentialEvents>((error) => listenerErrors.push(error));
  const heard: Heard[] = [];
  for (const event of ['refreshed', 'refreshFailed', 'reused', 'refreshScheduled'] as const) {
    events.on(event, (payload) => heard.push({ event, ...payload } as Heard));
  }
  const source = new CredentialSource({
    connection: 'orders',
    role,
    provider: provider ?? open,
    refresh: refreshSettings(refresh),
    rejection: { initialDelay: 100, maxDelay: 1_000, factor: 2 },
    events,
    clock,
    random,
    pauses,
  });
  const newer: { readonly userInfo: ResolvedUserInfo; readonly cause: NewerCause }[] = [];
  source.onNewer((userInfo, cause) => newer.push({ userInfo, cause }));
  const resolve = (request: Partial<ResolveRequest> = {}): Watched<ResolvedUserInfo> =>
    watch(source.resolve({ role: 'server', reason: 'reconnect', firstConnect: false, ...request }));
  const answer = async (userInfo: unknown, call: Call = open.call) => {
    call.answer(userInfo);
    await clock.flush();
  };
  const fail = async (error: unknown = new Error('provider down')) => {
    open.call.fail(error);
    await clock.flush();
  };
  /** An establishment that asks for user info and is answered `pass`; the server has not answered it yet. */
  const presents = async (pass: string, lifetimeMs?: number): Promise<ResolvedUserInfo> => {
    const calls = open.calls.length;
    const resolved = resolve();
    await clock.flush();
    if (open.calls.length > calls) await answer(userInfoOf(pass, clock, lifetimeMs));
    if (!resolved.value) throw new Error('Nothing was resolved.');
    return resolved.value;
  };
  /** An establishment that has succeeded. */
  const connects = async (pass: string, lifetimeMs?: number): Promise<ResolvedUserInfo> => {
    const userInfo = await presents(pass, lifetimeMs);
    source.report(userInfo, 'accepted');
    return userInfo;
  };
  const named = <K extends Heard['event']>(event: K) =>
    heard.filter((one): one is Extract<Heard, { event: K }> => one.event === event);
  return {
    clock,
    provider: open,
    events,
    listenerErrors,
    heard,
    named,
    newer,
    source,
    resolve,
    answer,
    fail,
    presents,
    connects,
  };
}

export function userInfoOf(pass: string, clock: VirtualClock, lifetimeMs?: number) {
  const userInfo = { user: 'svc', pass };
  return lifetimeMs === undefined ? userInfo : { ...userInfo, expiresAt: clock.now() + lifetimeMs };
}

/** The password that was resolved; undefined while nothing was. */
export const passOf = (resolved: Watched<ResolvedUserInfo>) => resolved.value?.reveal().pass;
