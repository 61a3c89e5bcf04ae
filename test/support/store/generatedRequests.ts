import type { RequestPage, StoredRequest } from '../../../src/contract/metrics.ts';
import { told } from '../../../src/core/outcome/reason.ts';
import type { AttemptRecord } from '../../../src/core/record/record.ts';
import { seededRandom } from '../seededRandom.ts';
import { generatedModels } from './generatedMetrics.ts';

/** Single requests in the shape of the contract, newest first; every fifth failed over, every ninth failed. */
export function generatedRequests(fromMs: number, toMs: number, count = 40): RequestPage {
  const random = seededRandom(11);
  const requests = Array.from({ length: count }, (_, index) => requestAt(index, fromMs, toMs, count, random));
  return { requests, cursor: `after-${count}` };
}

function requestAt(index: number, fromMs: number, toMs: number, count: number, random: () => number): StoredRequest {
  const totalMs = 2400 + Math.round(random() * 18_000);
  const isSaved = index % 5 === 2;
  const isFailed = index % 9 === 4;
  const isAborted = index % 13 === 6;
  const model = generatedModels[index % 3] ?? 'claude-opus-4-6';
  const attempts = attemptsOf({ isSaved, isFailed, isAborted, totalMs, model });
  const firstByteMs = isFailed ? undefined : (attempts.at(-1)?.startedAfterMs ?? 0) + 640;
  return {
    id: `request-${index}`,
    startedWallMs: Math.round(toMs - ((index + 0.5) * (toMs - fromMs)) / count),
    dialect: 'anthropic',
    route: '/v1/messages',
    model,
    isStream: true,
    client: 'claude-cli/2.1.330 (external, cli)',
    sessionId: `9e3779b1${String(index % 4).repeat(24)}`,
    terminal: isFailed ? 'endpointError' : isAborted ? 'clientAbort' : 'ok',
    status: isFailed ? 400 : 200,
    endpointId: isFailed ? undefined : isSaved ? 'company' : 'anthropic',
    attempts,
    passedOver: [],
    firstByteMs,
    totalMs,
    bytesIn: 84_000,
    bytesOut: 5200,
    usage: isFailed
      ? undefined
      : { inputTokens: 1900, outputTokens: 380 + index, cacheReadTokens: 48_200, cacheWriteTokens: 960 },
    costUsd: isFailed ? null : 0.0123 + index / 1000,
  };
}

interface Kind {
  readonly isSaved: boolean;
  readonly isFailed: boolean;
  readonly isAborted: boolean;
  readonly totalMs: number;
  readonly model: string;
}

const bound = { chosenBecause: 'bound', chosenWhy: { code: 'bound' } } as const;
const secondPriority = { chosenBecause: 'priority 2', chosenWhy: { code: 'priority', level: 2 } } as const;

function attemptsOf({ isSaved, isFailed, isAborted, totalMs, model }: Kind): AttemptRecord[] {
  const base = { sentModel: model, passedOver: [], maybeBilled: false, isReusedConnection: true, status: 200 };
  const open = {
    endpointId: 'relay',
    ...told({ code: 'paused', because: { code: 'connectionRefused' } }),
    untilMs: undefined,
  };
  if (isFailed) {
    return [
      {
        ...base,
        endpointId: 'anthropic',
        class: 'request',
        ...told({ code: 'statusAndType', status: 400, type: 'invalid_request_error' }),
        status: 400,
        ...bound,
        startedAfterMs: 4,
        firstByteMs: 310,
        totalMs: 312,
      },
    ];
  }
  const end: AttemptRecord = {
    ...base,
    endpointId: isSaved ? 'company' : 'anthropic',
    class: isAborted ? 'clientAbort' : 'success',
    ...told({ code: isAborted ? 'clientClosed' : 'ok' }),
    ...(isSaved ? secondPriority : bound),
    passedOver: isSaved ? [open] : [],
    startedAfterMs: isSaved ? 1240 : 3,
    firstByteMs: 640,
    totalMs: totalMs - (isSaved ? 1240 : 3),
  };
  if (!isSaved) return [end];
  const first: AttemptRecord = {
    ...base,
    endpointId: 'anthropic',
    class: 'overloaded',
    ...told({ code: 'statusAndType', status: 529, type: 'overloaded_error' }),
    status: 529,
    ...bound,
    passedOver: [open],
    startedAfterMs: 3,
    firstByteMs: 1198,
    totalMs: 1210,
    isReusedConnection: false,
    maybeBilled: true,
  };
  return [first, end];
}
