import type { Instant } from '../../base/clock.ts';
import type { Redact } from '../../base/redactor.ts';
import type { EndpointSnapshot, SessionSnapshot, Snapshot, WarmUpResult } from '../../contract/snapshot.ts';
import type { Config } from '../../core/config/config.ts';
import type { EndpointState } from '../../core/endpoint/endpointState.ts';
import type { NetworkState } from '../../core/endpoint/networkState.ts';
import { stateReason } from '../../core/endpoint/stateReason.ts';
import { redactedReason, type Told, told } from '../../core/outcome/reason.ts';
import type { Binding } from '../../core/routing/affinity.ts';
import type { PoolStats } from '../../proxy/upstream/endpointPool.ts';

/** The values that a snapshot is made from. */
export interface GatewayView {
  readonly gateway: Snapshot['gateway'];
  readonly endpoints: readonly { readonly state: EndpointState; readonly pool: { stats(): PoolStats } }[];
  /** Most recently used first. */
  readonly sessions: readonly Binding[];
  /** Those that have lost their endpoint. */
  readonly unbound: readonly Binding[];
  readonly lastWarmUp: (endpointId: string) => WarmUpResult | undefined;
  readonly totals: Omit<Snapshot['totals'], 'sessions'>;
  readonly requests: Snapshot['requests'];
  /** For model names in cooldown scopes, which are the client's own words. */
  readonly redact: Redact;
  readonly now: Instant;
}

const shownSessions = 500;

/** The whole state in the form that windows get. Pure. */
export function wholeSnapshot(view: GatewayView): Snapshot {
  const { sessions, unbound, now } = view;
  const counts = new Map<string, number>();
  for (const { endpointId } of sessions) counts.set(endpointId, (counts.get(endpointId) ?? 0) + 1);
  return {
    gateway: view.gateway,
    endpoints: view.endpoints.map(({ state, pool }) => {
      const { id } = state.config;
      const lastWarmUp = view.lastWarmUp(id);
      const { redact } = view;
      return endpointSnapshot(
        { state, pool: pool.stats(), sessionCount: counts.get(id) ?? 0, lastWarmUp, redact },
        now,
      );
    }),
    sessions: [
      ...sessions.slice(0, shownSessions).map((binding) => sessionSnapshot(binding, true, now)),
      ...unbound.slice(0, shownSessions).map((binding) => sessionSnapshot(binding, false, now)),
    ]
      .sort(byLastUse)
      .slice(0, shownSessions),
    totals: { ...view.totals, sessions: sessions.length + unbound.length },
    requests: view.requests,
  };
}

/** The order of a snapshot's sessions. */
function byLastUse(one: SessionSnapshot, other: SessionSnapshot): number {
  return other.lastUsedMs - one.lastUsedMs || (one.id < other.id ? -1 : 1);
}

interface EndpointView {
  readonly state: EndpointState;
  readonly pool: PoolStats;
  readonly sessionCount: number;
  readonly lastWarmUp: WarmUpResult | undefined;
  readonly redact: Redact;
}

/** One endpoint in the form that windows get, with monotonic times as epoch milliseconds. Pure. */
function endpointSnapshot(view: EndpointView, now: Instant): EndpointSnapshot {
  const { state, pool, redact } = view;
  const { config, breaker, latency, lastFailure } = state;
  const name = state.stateName(now);
  const p50 = latency.percentileMs(0.5);
  const p95 = latency.percentileMs(0.95);
  const breakerUntilMs = breaker.blockedUntilMs(now.mono);
  return {
    id: config.id,
    name: config.name,
    baseUrl: config.baseUrl,
    dialect: config.dialect,
    alsoServes: config.alsoServes,
    priority: config.priority,
    weight: config.weight,
    isEnabled: state.isEnabled,
    isOverridden: state.enabledOverride !== undefined && state.enabledOverride !== config.enabled,
    hasKey: state.hasKey,
    proxyFrom: state.proxyFrom ?? null,
    state: name,
    isUsable: state.isUsable(now),
    ...explanation(state, redact, now),
    lastError: lastFailure === undefined ? null : lastError(lastFailure),
    breaker: {
      state: breaker.state(now.mono),
      consecutiveFailures: breaker.consecutiveFailures,
      untilMs: breakerUntilMs === undefined ? null : toWall(breakerUntilMs, now),
    },
    cooldowns: state.cooldowns.list(now).map(({ scope, reason, sinceWallMs, untilMonoMs, quotaUntilWallMs }) => ({
      scope: redact(scope),
      ...told(reason),
      sinceMs: Math.round(sinceWallMs),
      untilMs: toWall(untilMonoMs, now),
      quotaUntilMs: quotaUntilWallMs === undefined ? null : Math.round(quotaUntilWallMs),
    })),
    inFlight: state.inFlight,
    waiting: pool.queued,
    requestCount: state.requestCount,
    successRate: latency.successRate ?? null,
    firstByteMs: p50 === undefined || p95 === undefined ? null : { p50: Math.round(p50), p95: Math.round(p95) },
    connections: { open: pool.open, opened: pool.connectCount, reuseRate: reuseRate(pool) },
    sessionCount: view.sessionCount,
    lastWarmUp: view.lastWarmUp ?? null,
  };
}

/** Why an endpoint is as it is, since when and until when. */
function explanation(
  state: EndpointState,
  redact: Redact,
  now: Instant,
): Told & Pick<EndpointSnapshot, 'sinceMs' | 'untilMs'> {
  const reason = stateReason(state, now);
  const why = reason === undefined ? { reason: '' } : told(redactedReason(reason, redact));
  const blocked = state.blockage(undefined, now);
  if (blocked !== undefined) {
    const untilMs = blocked.untilMs === undefined ? null : toWall(blocked.untilMs, now);
    return { ...why, sinceMs: sinceOf(state, blocked.state, now), untilMs };
  }
  const [cooldown] = state.cooldowns.list(now);
  if (cooldown === undefined) return { ...why, sinceMs: null, untilMs: null };
  return { ...why, sinceMs: Math.round(cooldown.sinceWallMs), untilMs: toWall(cooldown.untilMonoMs, now) };
}

function sinceOf(state: EndpointState, name: EndpointSnapshot['state'], now: Instant): number | null {
  if (name === 'suspended') return state.suspension(now)?.sinceWallMs ?? null;
  if (name === 'cooling') return state.cooldowns.list(now)[0]?.sinceWallMs ?? null;
  return name === 'open' || name === 'halfOpen' ? toWall(state.breaker.sinceMs, now) : null;
}

function reuseRate({ requestCount, connectCount }: PoolStats): number | null {
  // Requests that found no connection have reused none.
  return requestCount === 0 || connectCount === 0 ? null : Math.max(0, 1 - connectCount / requestCount);
}

function lastError({ class: name, reason, wallMs }: NonNullable<EndpointState['lastFailure']>) {
  return { class: name, ...told(reason), atMs: wallMs };
}

/** Network trouble of this machine in the form that windows get; null without any. */
export function networkSnapshot(
  { trouble }: NetworkState,
  states: readonly EndpointState[],
): Snapshot['gateway']['network'] {
  if (trouble === undefined) return null;
  const { kind, reason, way, sinceWallMs } = trouble;
  const proxyFrom = states.find((state) => state.way === way)?.proxyFrom ?? null;
  return { kind, ...told(reason), proxyFrom, sinceMs: Math.round(sinceWallMs) };
}

/** The kind of token that clients have to send under this configuration. */
export function clientTokenKind(config: Config | undefined): Snapshot['gateway']['clientToken'] {
  if (config?.clientToken === null) return 'none';
  return config?.clientToken === undefined ? 'ours' : 'configured';
}

/** One session in the form that windows get. */
function sessionSnapshot(binding: Binding, isBound: boolean, now: Instant): SessionSnapshot {
  return {
    id: binding.sessionId,
    endpointId: binding.endpointId,
    isBound,
    client: binding.client ?? null,
    boundAtMs: toWall(binding.boundAtMs, now),
    lastUsedMs: toWall(binding.lastUsedMs, now),
    requestCount: binding.requestCount,
    costUsd: binding.costUsd ?? null,
    model: binding.model ?? null,
  };
}

function toWall(monoMs: number, now: Instant): number {
  return Math.round(now.wall + monoMs - now.mono);
}
