import assert from 'node:assert/strict';
import { drillFaults } from '../../../../src/contract/drill.ts';
import { parseConfig } from '../../../../src/core/config/config.ts';
import { EndpointState } from '../../../../src/core/endpoint/endpointState.ts';
import { blameText, type DrillObservation, judge } from '../../../../src/gateway/drill/drillJudge.ts';
import { drillScripts } from '../../../../src/gateway/drill/drillScript.ts';

const steps = drillScripts.flatMap(({ fault, steps: all }) =>
  all.map((step, index) => ({ name: `${fault}, request ${index + 1}`, ...step })),
);

/** Ways in which a faulty gateway could break its promises for a request. */
const wrongs: Readonly<Record<string, Partial<DrillObservation>>> = {
  'ends half an answer cleanly': { clientSaw: 'falseEnd' },
  'stitches two answers together': { clientSaw: 'garbledAnswer' },
  'makes up an error': { clientSaw: 'otherError', answeredBy: 'none' },
  'gives up': { clientSaw: 'nothing', answeredBy: 'none' },
  'tries once more': { attempts: 'first transient, first transient, second success' },
  'records nothing': { attempts: 'none', end: 'none' },
  'records twice': { end: 'ok, ok' },
  'asks an endpoint twice': { endpointsSaw: 'first answered, first answered, second answered' },
  'keeps a connection open': { endpointsSaw: 'first pending' },
  'blames the wrong one': { blame: 'second failures=1' },
  'blames for good': { blame: 'first open failures=3, second open failures=3' },
};

describe('the judge of the drill', () => {
  it('has nothing against what is as designed', () => {
    for (const { name, expect } of steps) assert.deepEqual(judge(expect, { ...expect }, 1), [], name);
  });

  for (const [what, wrong] of Object.entries(wrongs)) {
    it(`notices in every request of every fault a gateway that ${what}`, () => {
      for (const { name, expect } of steps) {
        const differences = judge(expect, { ...expect, ...wrong }, 2);
        assert.ok(differences.length > 0, name);
        for (const { request, aspect, expected, seen } of differences) {
          assert.equal(request, 2);
          assert.equal(expected, expect[aspect]);
          assert.equal(seen, wrong[aspect]);
        }
      }
    });
  }

  it('tells all that differs, each on its own', () => {
    const [step] = steps;
    assert.ok(step);
    const seen = { ...step.expect, clientSaw: 'nothing', blame: 'nobody', end: 'none' } as const;
    assert.deepEqual(
      judge(step.expect, seen, 1).map(({ aspect }) => aspect),
      ['clientSaw', 'end', 'blame'],
    );
  });
});

describe('the script of the drill', () => {
  it('has every fault once, in the order that windows are told', () => {
    assert.deepEqual(
      drillScripts.map(({ fault }) => fault),
      drillFaults,
    );
  });

  it('begins each fault with the fault itself, and lets nobody fail but the first endpoint', () => {
    for (const { fault, steps: all } of drillScripts) {
      const [first] = all;
      assert.ok(first !== undefined && first.first !== undefined, fault);
      assert.ok(first.first === 'refuses' || first.first.kind !== 'healthy', fault);
      for (const { expect } of all)
        assert.doesNotMatch(`${expect.endpointsSaw} ${expect.blame}`, /second (?!answered)/);
    }
  });
});

describe('blameText', () => {
  const now = { mono: 100_000, wall: 1_800_000_000_000 };
  const options = { failureThreshold: 3, openMs: 60_000, maxOpenMs: 300_000, leaseMs: 60_000 };

  function states(): EndpointState[] {
    const parsed = parseConfig({
      endpoints: ['first', 'second'].map((id) => ({ id, baseUrl: `https://${id}.example`, auth: 'none' })),
    });
    assert.equal(parsed.kind, 'ok');
    return parsed.config.endpoints.map((config) => new EndpointState(config, true, options, () => 0.5));
  }

  it('blames nobody at first', () => {
    assert.equal(blameText(states(), now), 'nobody');
  });

  it('names failures, an open breaker, cooldowns and a suspended key', () => {
    const both = states();
    const [first, second] = both;
    const failure = {
      class: 'transient',
      reason: { code: 'connectionRefused' },
      neverSent: true,
      isAmbiguous: false,
      sameEndpoint: 'no',
      otherEndpoint: 'yes',
      countsAgainstBreaker: true,
      cooldown: undefined,
    } as const;
    const fail = (state: EndpointState | undefined, more: object = {}, at = now): void => {
      const permit = state?.acquire(at);
      if (permit !== undefined) state?.settle(permit, { ...failure, ...more }, 'claude-opus-4-6', at);
    };
    fail(first);
    assert.equal(blameText(both, now), 'first failures=1');
    fail(first);
    fail(first);
    assert.equal(blameText(both, now), 'first open failures=3');
    const cooldown = { scope: 'family', kind: 'until', forMs: 30_000 };
    fail(second, { class: 'rateLimit', countsAgainstBreaker: false, cooldown });
    assert.equal(blameText(both, now), 'first open failures=3, second cooling=family:opus');
    const later = { mono: now.mono + 76_000, wall: now.wall + 76_000 };
    assert.equal(blameText(both, later), 'first halfOpen failures=3');
    const strike = { class: 'auth', countsAgainstBreaker: false, cooldown: { scope: 'key', kind: 'strike' } };
    fail(second, strike, later);
    assert.equal(
      blameText(
        [second].flatMap((one) => one ?? []),
        later,
      ),
      'nobody',
    );
    const again = { mono: later.mono + 1000, wall: later.wall + 1000 };
    fail(second, strike, again);
    assert.equal(
      blameText(
        [second].flatMap((one) => one ?? []),
        again,
      ),
      'second suspended',
    );
  });
});
