import type { RandomSource } from './randomSource.ts';

/** The possible fates of one attempt. */
export const faultNames = [
  'healthy',
  'slowFirstByte',
  'lateContent',
  'refused',
  'dns',
  'connectTimeout',
  'noRoute',
  'proxyDown',
  'staleSocket',
  'reset',
  'noHead',
  'notHttp',
  'badRequest',
  'poison',
  'badKey',
  'forbidden',
  'noCredit',
  'quota',
  'noModel',
  'noPath',
  'rateLimit',
  'rateLimitNoReset',
  'status500',
  'status502',
  'status503',
  'status504',
  'overloaded',
  'overloaded503',
  'webPageError',
  'webPage',
  'redirect',
  'errorBodyCut',
  'errorBodyHangs',
  'emptyAnswer',
  'errorBeforeContent',
  'errorAfterContent',
  'cutBeforeContent',
  'cutAfterContent',
  'endsBeforeContent',
  'endsAfterContent',
  'silence',
  'stopReasonOnly',
  'keepsOpen',
] as const;

export type FaultName = (typeof faultNames)[number];

/** Behind these the endpoint may have done the work, by behaviour.md §2; a second replay would be paid for twice. */
export const ambiguousFaults: ReadonlySet<FaultName> = new Set<FaultName>([
  'reset',
  'noHead',
  'status500',
  'status502',
  'status504',
  'errorBodyCut',
  'errorBodyHangs',
  'emptyAnswer',
  'cutBeforeContent',
  'endsBeforeContent',
]);

/** These may say that the endpoint is overloaded. */
export const overloadFaults: ReadonlySet<FaultName> = new Set<FaultName>([
  'overloaded',
  'overloaded503',
  'errorBeforeContent',
  'errorAfterContent',
]);

/** These never reach the endpoint. */
export const unsentFaults: ReadonlySet<FaultName> = new Set<FaultName>([
  'refused',
  'dns',
  'connectTimeout',
  'noRoute',
  'proxyDown',
]);

/** Kinds of total outage. */
const outageFaults: readonly FaultName[] = [
  'refused',
  'connectTimeout',
  'status500',
  'status502',
  'reset',
  'noHead',
  'webPageError',
];

/** How an endpoint behaves while it is up, and when it is down altogether. */
export interface Health {
  readonly faults: readonly (readonly [FaultName, number])[];
  readonly outages: readonly { readonly fromMs: number; readonly toMs: number; readonly fault: FaultName }[];
}

/** Draws the fate of a new attempt. */
export function drawFault(health: Health, nowMs: number, random: RandomSource): FaultName {
  const outage = health.outages.find(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs);
  return outage === undefined ? random.weighted(health.faults) : outage.fault;
}

/** An endpoint that is good most of the time and has troubles of a few kinds, and is down now and then for minutes. */
export function drawHealth(random: RandomSource, spanMs: number): Health {
  const healthy = random.pick([0.5, 0.8, 0.9, 0.97]);
  const kinds = random.between(1, 8);
  const faults: [FaultName, number][] = [['healthy', healthy]];
  for (let n = 0; n < kinds; n += 1) faults.push([random.pick(faultNames), (1 - healthy) / kinds]);
  const outages = Array.from({ length: random.pick([0, 0, 0, 1, 2]) }, () => {
    const fromMs = random.between(0, spanMs);
    return {
      fromMs,
      toMs: fromMs + random.between(20_000, random.pick([60_000, 900_000])),
      fault: random.pick(outageFaults),
    };
  });
  return { faults, outages };
}

/** An endpoint that does nothing else than this. */
export function always(...faults: readonly (readonly [FaultName, number])[]): Health {
  return { faults, outages: [] };
}
