import assert from 'node:assert/strict';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import type { Cooldown, Outcome } from '../../../../src/core/outcome/outcome.ts';
import { RoundRobin } from '../../../../src/core/routing/roundRobin.ts';
import type { SelectionRequest } from '../../../../src/core/routing/selection.ts';

export const now = { mono: 1_000_000, wall: Date.UTC(2026, 5, 1) };
const sonnet = 'claude-sonnet-4-5';

/** A request of a session that is not bound. */
export const usual: SelectionRequest = {
  dialect: 'anthropic',
  model: sonnet,
  format: 'messages',
  path: 'messages',
  unmet: () => undefined,
  tried: new Set(),
  boundTo: undefined,
  idleMs: 0,
  parentBoundTo: undefined,
  avoid: undefined,
  closedWays: new Set(),
  overloadedHosts: new Set(),
  override: undefined,
  strategy: 'priority',
  goHomeAfterIdleMs: 300_000,
  isCounted: true,
  now,
  roundRobin: new RoundRobin(),
  random: () => 0,
};

/** Endpoints with these ids, in order of priority unless they say otherwise. */
export function endpointsOf(settings: Readonly<Record<string, object>>): EndpointState[] {
  const given = Object.entries(settings).map(([id, more], index) => {
    return { id, baseUrl: `https://${id}.example.com`, priority: index + 1, ...more };
  });
  const parsed = parseConfig({ endpoints: given });
  assert.ok(parsed.kind === 'ok');
  const breaker = { failureThreshold: 3, openMs: 60_000, maxOpenMs: 300_000, leaseMs: 120_000 };
  return parsed.config.endpoints.map((one) => new EndpointState(one, true, breaker, () => 0));
}

/** Finds endpoints by id and lets them fail. */
export function idsFor(endpoints: readonly EndpointState[]) {
  const find = (id: string) => {
    const found = endpoints.find(({ config }) => config.id === id);
    assert.ok(found !== undefined, id);
    return found;
  };
  const failed = (id: string, more: Partial<Outcome>, times = 1, at = now) => {
    const outcome: Outcome = {
      class: 'transient',
      reason: { code: 'connectionLost' },
      neverSent: false,
      isAmbiguous: false,
      sameEndpoint: 'no',
      otherEndpoint: 'yes',
      countsAgainstBreaker: false,
      cooldown: undefined,
      ...more,
    };
    for (let count = 0; count < times; count += 1) {
      const permit = find(id).acquire(at);
      assert.ok(permit !== undefined);
      find(id).settle(permit, outcome, sonnet, at);
    }
  };
  return { find, opened: (id: string) => failed(id, { countsAgainstBreaker: true }, 3), failed };
}

export const soft = {
  scope: 'endpoint',
  kind: 'growing',
  baseMs: 5000,
  maxMs: 60_000,
  free: 0,
} as const satisfies Cooldown;
export const hard = { scope: 'key', kind: 'until', forMs: 30_000 } as const satisfies Cooldown;
