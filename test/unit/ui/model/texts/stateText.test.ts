import assert from 'node:assert/strict';
import type { EndpointSnapshot } from '../../../../../src/contract/snapshot.ts';
import type { EndpointStateName } from '../../../../../src/core/endpoint/endpointState.ts';
import { englishReasons, type Reason, told } from '../../../../../src/core/outcome/reason.ts';
import {
  isOut,
  shortText,
  stateIcon,
  stateName,
  stateText,
  steadyText,
  untilText,
} from '../../../../../src/ui/model/texts/stateText.ts';
import { isStateCode, type StateCode, stateWords } from '../../../../../src/ui/model/texts/stateWords.ts';
import { reasonSamples } from '../../../core/outcome/reasonSamples.ts';
import { endpointSnapshot, openEndpoint } from '../snapshotParts.ts';
import { chinese, english, englishContext, nowMs } from '../viewContexts.ts';

const states: readonly EndpointStateName[] = [
  ...(['healthy', 'unused', 'degraded', 'cooling', 'halfOpen', 'open', 'suspended', 'disabled', 'keyMissing'] as const),
];

const context = englishContext();
const codes = Object.keys(stateWords) as StateCode[];
const limited: Reason = { code: 'statusAndType', status: 429, type: 'rate_limit_error' };
const refused: Reason = { code: 'connectionRefused' };
const icon = (state: EndpointStateName, isUsable = false) => stateIcon({ state, isUsable });
const row = (parts: Partial<EndpointSnapshot>) => shortText(endpointSnapshot(parts), context);
const clause = (parts: Partial<EndpointSnapshot>) => steadyText(endpointSnapshot(parts), context);
const inAnHour = nowMs + 61 * 60_000;

describe('the states of an endpoint', () => {
  it('have a word and a shape each, so that nobody needs the colour to tell them apart', () => {
    assert.equal(new Set(states.map((state) => stateName(state, english))).size, states.length);
    assert.equal(new Set(states.map((state) => icon(state).id)).size, states.length);
    for (const state of states) {
      assert.match(stateName(state, english), /^[a-z -]+$/);
      assert.match(icon(state).id, /^[a-z-]+$/);
      assert.match(icon(state).color ?? '', /^[a-zA-Z.]+$/);
    }
  });

  it('are green while all is well, red where it takes no request for its own fault, else neither', () => {
    const coloured = (pattern: RegExp) => states.filter((state) => pattern.test(icon(state).color ?? ''));
    assert.deepEqual(coloured(/passed/i), ['healthy', 'unused']);
    assert.deepEqual(coloured(/error/i), ['open', 'suspended']);
    assert.deepEqual(coloured(/warning/i), ['degraded', 'cooling', 'halfOpen', 'keyMissing']);
    assert.deepEqual(coloured(/disabled/i), ['disabled']);
    assert.match(icon('halfOpen', true).color ?? '', /passed/i, 'back, as a check has found');
  });

  it('are out where they are wanted and not usable', () => {
    assert.equal(isOut({ isEnabled: true, isUsable: false }), true);
    assert.equal(isOut({ isEnabled: true, isUsable: true }), false);
    assert.equal(isOut({ isEnabled: false, isUsable: false }), false);
  });
});

describe('the words of states', () => {
  // One truth in every place: the gateway's log and errors, and the views.
  it('are the same English in the gateway as in the views', () => {
    for (const code of codes) assert.equal(stateWords[code].full(english), englishReasons[code], code);
  });

  it('D6: have no terms of the breaker in them', () => {
    const jargon = /half-?open|\bopen\b|degraded|cooling|suspended|breaker|半开|熔断|降级|冷却/i;
    const names = states.flatMap((state) => [stateName(state, english), stateName(state, chinese)]);
    const words = codes.flatMap((code) => {
      const { short, long, full } = stateWords[code];
      return [short, long, full].flatMap((text) => [text(english), text(chinese)]);
    });
    for (const text of [...names, ...words]) assert.doesNotMatch(text, jargon);
  });

  it('fit beside a name in the short form, and need no data that the reason has not', () => {
    for (const code of codes) {
      const { short, long } = stateWords[code];
      for (const text of [short, long]) {
        for (const [place] of text(english).matchAll(/\{\w+\}/g)) assert.ok(englishReasons[code].includes(place), code);
      }
      assert.ok(short(english).replaceAll(/\{\w+\}/g, '').length <= 24, short(english));
    }
  });

  it('are said in both forms for each reason that is a state, in both languages', () => {
    for (const [reason] of reasonSamples.filter(([{ code }]) => isStateCode(code))) {
      for (const t of [english, chinese]) {
        const endpoint = endpointSnapshot({ state: 'cooling', ...told(reason), untilMs: inAnHour });
        const said = [shortText(endpoint, { ...context, t }), steadyText(endpoint, { ...context, t })];
        for (const text of said) assert.doesNotMatch(text, /[{}]|undefined/);
      }
    }
  });
});

describe('shortText', () => {
  it('has nothing to say of what is well', () => {
    assert.equal(row({ state: 'healthy' }), '');
    assert.equal(row({ state: 'unused', requestCount: 0 }), '');
  });

  it('D1: says first until when, then why', () => {
    assert.equal(shortText(openEndpoint(), context), '42 s left · paused: connection refused');
    assert.equal(
      row({ state: 'cooling', ...told({ code: 'outOfCredit', because: limited }), untilMs: inAnHour }),
      'until 13:01 · out of credit',
    );
    const opus: Reason = { code: 'rateLimitedFor', because: limited, model: 'opus' };
    assert.equal(row({ state: 'degraded', ...told(opus), untilMs: nowMs + 30_000 }), '30 s left · rate limited (opus)');
  });

  it('says what a person has to do with it', () => {
    assert.equal(row({ state: 'keyMissing', ...told({ code: 'keyMissing' }), hasKey: false }), 'key missing');
    const notSet = told({ code: 'keyNotSet', variable: 'RELAY_KEY' });
    assert.equal(row({ state: 'keyMissing', ...notSet, hasKey: false }), 'no key in RELAY_KEY', 'B5');
    assert.equal(row({ state: 'disabled', ...told({ code: 'disabled' }), isEnabled: false }), 'disabled');
  });

  it('counts down to the end, and not beyond', () => {
    const left = (ms: number) => shortText(openEndpoint({ untilMs: nowMs + ms }), context);
    assert.match(left(1500), /^2 s left/);
    assert.match(left(1), /^1 s left/);
    assert.match(left(119_999), /^120 s left/);
    assert.match(left(120_000), /^until 12:02/);
    for (const ms of [0, -1, -60_000]) assert.match(left(ms), /^any moment · /);
  });

  it('does not give the end of a trial as a time to wait for', () => {
    const trial = { state: 'halfOpen', ...told({ code: 'trial', because: refused }), untilMs: nowMs + 42_000 } as const;
    assert.doesNotMatch(row(trial), /\d/);
    assert.doesNotMatch(clause(trial), /\d/);
  });
});

describe('steadyText', () => {
  it('A3: says what a failure means, and until when', () => {
    const until = (reason: Reason, untilMs = inAnHour) => clause({ state: 'cooling', ...told(reason), untilMs });
    const credit: Reason = { code: 'statusAndType', status: 400, type: 'invalid_request_error' };
    assert.equal(until({ code: 'outOfCredit', because: credit }), 'out of credit; tried again at 13:01');
    assert.equal(until({ code: 'rateLimitedFor', because: limited, model: 'opus' }), 'rate limited (opus) until 13:01');
    assert.equal(until({ code: 'overloaded', because: { code: 'status', status: 529 } }), 'overloaded until 13:01');
    assert.equal(
      until({ code: 'pausedAfter', because: refused, count: 3 }),
      'paused after 3 failures: connection refused, back at 13:01',
    );
    assert.equal(
      until({ code: 'keyRefused', because: { code: 'status', status: 401 } }),
      'key refused: 401; tried again at 13:01',
    );
  });

  it('A1: tells an endpoint that is back from one that is not', () => {
    assert.equal(clause({ state: 'halfOpen', ...told({ code: 'back' }) }), 'back; the next request confirms it');
    assert.equal(
      clause({ state: 'halfOpen', ...told({ code: 'down', because: refused }) }),
      'down: connection refused',
    );
  });

  it('A5: gives an end as a time of day, which is never too early', () => {
    const at = (untilMs: number) => untilText(openEndpoint({ untilMs }), context);
    assert.equal(at(inAnHour), 'until 13:01');
    assert.equal(at(nowMs + 60_001), 'until 12:02');
    assert.equal(at(nowMs - 1), '');
  });

  it('changes with the state only', () => {
    const endpoint = openEndpoint();
    assert.equal(steadyText(endpoint, englishContext(nowMs + 7000)), steadyText(endpoint, context));
  });

  it('names the state where the gateway gives no reason', () => {
    assert.equal(clause({ state: 'healthy' }), 'healthy');
    assert.equal(clause({ state: 'open', reason: '' }), 'paused');
    assert.equal(clause({ state: 'open', reason: 'words of an older gateway' }), 'words of an older gateway');
    const overridden = { state: 'disabled', ...told({ code: 'disabled' }), isEnabled: false, isOverridden: true };
    assert.match(stateText(endpointSnapshot(overridden as Partial<EndpointSnapshot>), english), /^disabled until /);
  });
});
