import type { StoredRequest } from '../../../../src/contract/metrics.ts';
import type { EndpointSnapshot, SessionSnapshot, Snapshot, WarmUpResult } from '../../../../src/contract/snapshot.ts';
import { told } from '../../../../src/core/outcome/reason.ts';
import type { AttemptRecord } from '../../../../src/core/record/record.ts';
import { nowMs } from './viewContexts.ts';

/** A gateway of a window with nothing in it, but for what is said. */
export function snapshot(
  parts: Partial<Omit<Snapshot, 'gateway' | 'totals'>> & {
    readonly gateway?: Partial<Snapshot['gateway']>;
    readonly totals?: Partial<Snapshot['totals']>;
  } = {},
): Snapshot {
  const { gateway = {}, totals = {}, ...lists } = parts;
  return {
    gateway: {
      protocol: '1.0',
      build: '0.1.0',
      pid: 4242,
      owner: 'window',
      url: 'http://127.0.0.1:8417',
      startedAtMs: nowMs - 3_600_000,
      stateDir: '/state',
      hasConfig: true,
      settings: { app: 'Visual Studio Code', mark: 'a-mark-of-settings' },
      isDraining: false,
      clientToken: 'ours',
      strategy: 'priority',
      override: null,
      network: null,
      ...gateway,
    },
    endpoints: [],
    sessions: [],
    requests: [],
    totals: {
      ...{ requests: 0, succeeded: 0, failedOver: 0, failed: 0, clientFaults: 0 },
      ...{ aborted: 0, inFlight: 0, waiting: 0, sessions: 0 },
      ...totals,
    },
    ...lists,
  };
}

/** An endpoint that is enabled, has its key, and has answered well, but for what is said. */
export function endpointSnapshot(parts: Partial<EndpointSnapshot> = {}): EndpointSnapshot {
  return {
    id: 'first',
    name: 'First party',
    baseUrl: 'https://api.example.com',
    dialect: 'anthropic',
    priority: 1,
    weight: 100,
    isEnabled: true,
    isOverridden: false,
    hasKey: true,
    proxyFrom: null,
    state: 'healthy',
    isUsable: ['healthy', 'unused', 'degraded'].includes(parts.state ?? 'healthy'),
    reason: '',
    sinceMs: null,
    untilMs: null,
    lastError: null,
    breaker: { state: 'closed', consecutiveFailures: 0, untilMs: null },
    cooldowns: [],
    inFlight: 0,
    waiting: 0,
    requestCount: 128,
    successRate: 0.99,
    firstByteMs: { p50: 412, p95: 1830 },
    connections: { open: 2, opened: 3, reuseRate: 0.97 },
    sessionCount: 0,
    lastWarmUp: null,
    ...parts,
  };
}

/** An endpoint whose breaker is open for another 42 seconds. */
export function openEndpoint(parts: Partial<EndpointSnapshot> = {}): EndpointSnapshot {
  const untilMs = nowMs + 42_000;
  return endpointSnapshot({
    state: 'open',
    ...told({ code: 'pausedAfter', because: { code: 'connectionRefused' }, count: 3 }),
    sinceMs: nowMs - 18_000,
    untilMs,
    lastError: { class: 'transient', ...told({ code: 'connectionRefused' }), atMs: nowMs - 18_000 },
    breaker: { state: 'open', consecutiveFailures: 3, untilMs },
    ...parts,
  });
}

export function warmUpResult(parts: Partial<WarmUpResult> = {}): WarmUpResult {
  return {
    endpointId: 'first',
    atMs: nowMs - 180_000,
    isGood: true,
    isReachable: true,
    key: 'ok',
    connectMs: 12,
    firstByteMs: 35,
    class: 'success',
    ...told({ code: 'ok' }),
    ...parts,
  };
}

export function sessionSnapshot(parts: Partial<SessionSnapshot> = {}): SessionSnapshot {
  return {
    id: '5f1d7a84db6ad0c3b1e2',
    endpointId: 'first',
    isBound: true,
    client: 'claude-cli/2.1.330',
    boundAtMs: nowMs - 3_600_000,
    lastUsedMs: nowMs - 180_000,
    requestCount: 17,
    ...parts,
  };
}

export function attemptRecord(parts: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    endpointId: 'first',
    sentModel: 'claude-sonnet-4-5',
    class: 'success',
    ...told({ code: 'ok' }),
    status: 200,
    chosenBecause: 'priority 1',
    chosenWhy: { code: 'priority', level: 1 },
    passedOver: [],
    startedAfterMs: 0,
    firstByteMs: 812,
    totalMs: 6400,
    isReusedConnection: true,
    maybeBilled: false,
    ...parts,
  };
}

/** A request that the first endpoint has answered at once, but for what is said. */
export function requestRecord(parts: Partial<StoredRequest> = {}): StoredRequest {
  return {
    costUsd: null,
    id: 'a1-1',
    startedWallMs: nowMs - 60_000,
    dialect: 'anthropic',
    route: 'messages',
    model: 'claude-sonnet-4-5',
    isStream: true,
    client: 'claude-cli/2.1.330',
    sessionId: undefined,
    terminal: 'ok',
    status: 200,
    endpointId: 'first',
    attempts: [attemptRecord()],
    passedOver: [],
    firstByteMs: 812,
    totalMs: 6400,
    bytesIn: 20_000,
    bytesOut: 4000,
    usage: { inputTokens: 300, outputTokens: 840, cacheReadTokens: undefined, cacheWriteTokens: undefined },
    ...parts,
  };
}
