import assert from 'node:assert/strict';
import type { EndpointSnapshot } from '../../../../../src/contract/snapshot.ts';
import type { EndpointStateName } from '../../../../../src/core/endpoint/endpointState.ts';
import { told } from '../../../../../src/core/outcome/reason.ts';
import {
  isBroken,
  isUsable,
  stateIcon,
  stateName,
  whyText,
  whyUntilText,
} from '../../../../../src/ui/model/texts/stateText.ts';
import { endpointSnapshot, openEndpoint } from '../snapshotParts.ts';
import { english, englishContext, nowMs } from '../viewContexts.ts';

const states: readonly EndpointStateName[] = [
  ...(['healthy', 'unused', 'degraded', 'cooling', 'halfOpen', 'open', 'suspended', 'disabled', 'keyMissing'] as const),
];

const context = englishContext();
const why = (parts: Partial<EndpointSnapshot>) => whyText(endpointSnapshot(parts), english);
const whyUntil = (parts: Partial<EndpointSnapshot>) => whyUntilText(endpointSnapshot(parts), context);

describe('the states of an endpoint', () => {
  it('have a word and a shape each, so that nobody needs the colour to tell them apart', () => {
    assert.equal(new Set(states.map((state) => stateName(state, english))).size, states.length);
    assert.equal(new Set(states.map((state) => stateIcon(state).id)).size, states.length);
    for (const state of states) {
      assert.match(stateName(state, english), /^[a-z -]+$/);
      assert.match(stateIcon(state).id, /^[a-z-]+$/);
      assert.match(stateIcon(state).color ?? '', /^[a-zA-Z.]+$/);
    }
  });

  it('are green while all is well, red where it takes no request for its own fault, else neither', () => {
    const coloured = (pattern: RegExp) => states.filter((state) => pattern.test(stateIcon(state).color ?? ''));
    assert.deepEqual(coloured(/passed/i), ['healthy', 'unused']);
    assert.deepEqual(coloured(/error/i), ['open', 'suspended']);
    assert.deepEqual(coloured(/warning/i), ['degraded', 'cooling', 'halfOpen', 'keyMissing']);
    assert.deepEqual(coloured(/disabled/i), ['disabled']);
  });

  it('tell what a request can use, what is out of order, and what is not wanted', () => {
    const named = (holds: (endpoint: { state: EndpointStateName }) => boolean) =>
      states.filter((state) => holds({ state }));
    assert.deepEqual(named(isUsable), ['healthy', 'unused', 'degraded', 'halfOpen']);
    assert.deepEqual(named(isBroken), ['cooling', 'open', 'suspended', 'keyMissing']);
  });
});

describe('whyText', () => {
  it('has nothing to say of what is well', () => {
    assert.equal(why({ state: 'healthy' }), '');
    assert.equal(why({ state: 'unused', requestCount: 0 }), '');
  });

  it('says the state and its reason', () => {
    assert.equal(why({ state: 'open', ...told({ code: 'connectionRefused' }) }), 'open: connection refused');
    assert.equal(
      why({ state: 'cooling', ...told({ code: 'statusAndType', status: 429, type: 'rate_limit_error' }) }),
      'cooling down: 429 rate_limit_error',
    );
    assert.equal(
      why({ state: 'suspended', ...told({ code: 'statusAndType', status: 401, type: 'authentication_error' }) }),
      'key refused: 401 authentication_error',
    );
    assert.equal(
      why({ state: 'degraded', ...told({ code: 'statusAndType', status: 500, type: 'api_error' }) }),
      '500 api_error',
    );
    assert.match(
      why({ state: 'halfOpen', ...told({ code: 'statusAndType', status: 500, type: 'api_error' }) }),
      /^half-open: /,
    );
  });

  it('says what a person has to do with it', () => {
    assert.equal(why({ state: 'keyMissing', ...told({ code: 'keyMissing' }), hasKey: false }), 'key missing');
    assert.equal(why({ state: 'disabled', ...told({ code: 'disabled' }), isEnabled: false }), 'disabled');
    const overridden = why({ state: 'disabled', ...told({ code: 'disabled' }), isEnabled: false, isOverridden: true });
    assert.match(overridden, /^disabled until /);
  });

  // Where the last failure is not known the gateway gives the state itself as the reason.
  it('does not say the same twice', () => {
    assert.equal(why({ state: 'open', ...told({ code: 'open' }) }), 'open');
    assert.equal(why({ state: 'open', reason: '' }), 'open');
    assert.equal(why({ state: 'cooling', reason: '' }), 'cooling down');
  });
});

describe('whyUntilText', () => {
  it('says why and until when', () => {
    assert.equal(whyUntilText(openEndpoint(), context), 'open: connection refused, retry in 42 s');
    const untilMs = nowMs + 300_000;
    assert.equal(
      whyUntil({
        state: 'cooling',
        ...told({ code: 'statusAndType', status: 529, type: 'overloaded_error' }),
        untilMs,
      }),
      'cooling down: 529 overloaded_error, retry in 5 min',
    );
    const suspended = {
      state: 'suspended',
      ...told({ code: 'statusAndType', status: 401, type: 'authentication_error' }),
      untilMs: nowMs + 1_800_000,
    } as const;
    assert.equal(whyUntil(suspended), 'key refused: 401 authentication_error, retry in 30 min');
    assert.equal(
      whyUntil({
        state: 'degraded',
        ...told({
          code: 'forModel',
          because: { code: 'statusAndType', status: 429, type: 'rate_limit_error' },
          model: 'opus',
        }),
        untilMs,
      }),
      '429 rate_limit_error (only opus), for 5 min',
    );
  });

  it('promises nothing where only an action helps', () => {
    assert.equal(whyUntil({ state: 'disabled', ...told({ code: 'disabled' }) }), 'disabled');
    assert.equal(whyUntil({ state: 'keyMissing', ...told({ code: 'keyMissing' }) }), 'key missing');
    assert.equal(
      whyUntil({ state: 'degraded', ...told({ code: 'statusAndType', status: 500, type: 'api_error' }) }),
      '500 api_error',
    );
  });

  it('counts down to the end, and not beyond', () => {
    const leftMs = (ms: number) => whyUntilText(openEndpoint({ untilMs: nowMs + ms }), context);
    assert.match(leftMs(1500), /retry in 2 s$/);
    assert.match(leftMs(1000), /retry in 1 s$/);
    assert.match(leftMs(1), /retry in 1 s$/);
    for (const ms of [0, -1, -60_000]) assert.match(leftMs(ms), /retry any moment$/);
  });

  it('does not give the end of a trial as a time to wait for', () => {
    const trial = { state: 'halfOpen', ...told({ code: 'connectionRefused' }), untilMs: nowMs + 42_000 } as const;
    assert.doesNotMatch(whyUntil(trial), /\d/);
  });
});
