import type { DrillEndpoint, DrillFault } from '../../contract/drill.ts';
import type { Behaviour } from '../../simulated/behaviour.ts';
import { anthropicLowCredit, relayErrorInside, tooLargePage } from '../../simulated/vendorErrors.ts';
import type { DrillObservation } from './drillJudge.ts';

/** One request of a fault and its expected result. */
export interface DrillStep {
  /** The behaviour of the first endpoint from now on; the second one is always healthy. */
  readonly first: Behaviour | 'refuses';
  /** Before the request, the gateway's clock is put forward by this much, instead of waiting. */
  readonly forwardMs?: number;
  /** Default: `large`. The two models are of different families. */
  readonly model?: 'large' | 'small';
  /** Uses the session of the previous request; by default each request has its own. */
  readonly sameSession?: true;
  /** The client disconnects while it waits, or in the middle of the answer. */
  readonly leaves?: 'beforeAnswer' | 'midAnswer';
  readonly expect: DrillObservation;
}

/** A fault: requests one after the other, starting from a reset gateway. */
export interface DrillScript {
  readonly fault: DrillFault;
  /** The endpoint at fault; null when it is the client. */
  readonly failed: DrillEndpoint | null;
  readonly steps: readonly DrillStep[];
}

/** The error body that a client must get byte for byte; its spacing tells a copy from one that was written again. */
export const badRequestBody =
  '{"type":"error",  "error":{"type":"invalid_request_error","message":"drill: this request is wrong \u2713"}}\n';

/** The result of a request without a fault. */
export const healthy: DrillObservation = {
  clientSaw: 'wholeAnswer',
  answeredBy: 'first',
  attempts: 'first success',
  end: 'ok',
  endpointsSaw: 'first answered',
  blame: 'nobody',
};

/** A request that goes only to the second endpoint, because the first one is known to be in trouble (`blame`). */
function passedBy(blame: string): DrillObservation {
  return { ...healthy, answeredBy: 'second', attempts: 'second success', endpointsSaw: 'second answered', blame };
}

/** A request that fails at the first endpoint and is answered by the second, invisibly to the client. */
function savedBySecond(outcome: string, firstSaw: string, blame: string): DrillObservation {
  const saw = firstSaw === '' ? '' : `first ${firstSaw}, `;
  const attempts = `first ${outcome}, second success`;
  return { ...healthy, answeredBy: 'second', attempts, endpointsSaw: `${saw}second answered`, blame };
}

/** An answer that breaks off in the middle: it must not be retried, and the client must see that it broke off. */
function broken(outcome: string, firstSaw: string, blame: string): DrillObservation {
  const endpointsSaw = `first ${firstSaw}`;
  return { ...healthy, clientSaw: 'brokenAnswer', attempts: `first ${outcome}`, end: 'truncated', endpointsSaw, blame };
}

/** The request's own fault, told in the form of the client's API: no other endpoint is asked. */
function toldOnce(firstSaw: string): DrillObservation {
  const told = { clientSaw: 'otherError', attempts: 'first request', end: 'endpointError' } as const;
  return { ...healthy, ...told, endpointsSaw: `first ${firstSaw}` };
}

const ok: Behaviour = { kind: 'healthy' };
const status = (code: number, headers: Readonly<Record<string, string>> = {}): Behaviour => ({
  kind: 'status',
  status: code,
  headers,
});

const rateLimited = status(429, { 'retry-after': '30' });
const overloadedInStream = { kind: 'streamError', errorType: 'overloaded_error', ending: 'hang' } as const;
const promptTooLong: Behaviour = {
  kind: 'streamError',
  at: 'afterStart',
  errorType: 'invalid_request_error',
  message: 'prompt is too long: 210000 tokens > 200000 maximum',
  ending: 'hang',
};
const oneFailure = 'first failures=1';
const oneOverload = 'first failures=1 cooling=endpoint';
const badGateway = status(502);
/** A breaker is open for 60 s ± 25 % (behaviour.md §3). */
const longestOpenMs = 75_000;

/** Every fault with the results that behaviour.md asks for: §2 for the classes, §3 for the breaker, §6 for streams. */
export const drillScripts: readonly DrillScript[] = [
  {
    fault: 'rateLimit',
    failed: 'first',
    steps: [
      { first: rateLimited, expect: savedBySecond('rateLimit', 'answered', 'first cooling=family:opus') },
      { first: rateLimited, expect: passedBy('first cooling=family:opus') },
      { first: ok, model: 'small', expect: { ...healthy, blame: 'first cooling=family:opus' } },
      { first: ok, forwardMs: 33_001, expect: healthy },
    ],
  },
  {
    fault: 'rateLimitWithoutReset',
    failed: 'first',
    steps: [
      { first: status(429), expect: savedBySecond('rateLimit', 'answered', 'nobody') },
      { first: ok, expect: healthy },
    ],
  },
  {
    fault: 'overloaded',
    failed: 'first',
    steps: [
      { first: status(529), expect: savedBySecond('overloaded', 'answered', oneOverload) },
      { first: status(529), expect: passedBy(oneOverload) },
    ],
  },
  {
    fault: 'refused',
    failed: 'first',
    steps: [{ first: 'refuses', expect: savedBySecond('transient', '', oneFailure) }],
  },
  {
    fault: 'silent',
    failed: 'first',
    steps: [
      { first: { kind: 'hang', at: 'beforeHeaders' }, expect: savedBySecond('transient', 'aborted', oneFailure) },
    ],
  },
  {
    fault: 'cutBeforeContent',
    failed: 'first',
    steps: [
      { first: { kind: 'cut', at: 'afterStart', how: 'rst' }, expect: savedBySecond('transient', 'cut', oneFailure) },
    ],
  },
  {
    fault: 'cutAfterContent',
    failed: 'first',
    steps: [
      {
        first: { kind: 'cut', at: { afterEvents: 2 }, how: 'rst' },
        expect: broken('transient', 'cut', oneFailure),
      },
      { first: ok, sameSession: true, expect: passedBy(oneFailure) },
    ],
  },
  {
    fault: 'errorBeforeContent',
    failed: 'first',
    steps: [
      {
        first: { ...overloadedInStream, at: 'afterStart' },
        expect: savedBySecond('overloaded', 'aborted', oneOverload),
      },
    ],
  },
  {
    fault: 'errorAfterContent',
    failed: 'first',
    steps: [
      {
        first: { ...overloadedInStream, at: { afterEvents: 2 } },
        expect: broken('overloaded', 'aborted', oneOverload),
      },
      { first: ok, sameSession: true, expect: passedBy(oneOverload) },
    ],
  },
  {
    fault: 'badKey',
    failed: 'first',
    steps: [
      { first: status(401), expect: savedBySecond('auth', 'answered', 'nobody') },
      // A second failure counts only at least a second after the first.
      { first: status(401), forwardMs: 1001, expect: savedBySecond('auth', 'answered', 'first suspended') },
      { first: status(401), expect: passedBy('first suspended') },
    ],
  },
  {
    fault: 'emptyAccount',
    failed: 'first',
    steps: [
      { first: anthropicLowCredit(), expect: savedBySecond('billing', 'answered', 'first cooling=key') },
      { first: anthropicLowCredit(), expect: passedBy('first cooling=key') },
    ],
  },
  {
    fault: 'errorInBody',
    failed: 'first',
    steps: [{ first: relayErrorInside(), expect: savedBySecond('overloaded', 'answered', oneOverload) }],
  },
  {
    fault: 'clientLeaves',
    failed: null,
    steps: [leaving('beforeAnswer', { kind: 'hang', at: 'beforeHeaders' }), leaving('midAnswer', hangMidAnswer())],
  },
  {
    fault: 'badRequest',
    failed: null,
    steps: [
      {
        first: { kind: 'status', status: 400, body: badRequestBody },
        expect: { ...healthy, clientSaw: 'endpointsError', attempts: 'first request', end: 'endpointError' },
      },
    ],
  },
  {
    fault: 'contextFull',
    failed: null,
    steps: [{ first: promptTooLong, expect: toldOnce('aborted') }],
  },
  {
    fault: 'tooLargePage',
    failed: null,
    steps: [{ first: tooLargePage(), expect: toldOnce('answered') }],
  },
  {
    fault: 'breaker',
    failed: 'first',
    steps: [
      { first: badGateway, expect: savedBySecond('transient', 'answered', oneFailure) },
      { first: badGateway, expect: savedBySecond('transient', 'answered', 'first failures=2') },
      { first: badGateway, expect: savedBySecond('transient', 'answered', 'first open failures=3') },
      { first: badGateway, expect: passedBy('first open failures=3') },
      { first: ok, forwardMs: longestOpenMs, expect: healthy },
    ],
  },
];

function hangMidAnswer(): Behaviour {
  return { kind: 'hang', at: { afterEvents: 2 } };
}

function leaving(leaves: 'beforeAnswer' | 'midAnswer', first: Behaviour): DrillStep {
  return {
    first,
    leaves,
    expect: {
      clientSaw: 'left',
      answeredBy: 'none',
      attempts: 'first clientAbort',
      end: 'clientAbort',
      endpointsSaw: 'first aborted',
      blame: 'nobody',
    },
  };
}
