import { told } from '../../../src/core/outcome/reason.ts';
import type { AttemptRecord, RequestRecord } from '../../../src/core/record/record.ts';

const models = ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5'] as const;
const failures = ['transient', 'overloaded', 'rateLimit', 'badResponse'] as const;

/** A request as coding agents make them: sessions of some two hundred, two endpoints, now and then a failover or an abort. */
export function syntheticRequest(nth: number, startedWallMs: number, random: () => number): RequestRecord {
  const totalMs = Math.exp(6 + random() * 4);
  const hasFailedOver = random() < 0.03;
  const isAborted = random() < 0.02;
  const isClients = random() < 0.01;
  const endpointId = hasFailedOver ? 'second' : 'first';
  const model = models[Math.floor(random() ** 2 * models.length)] ?? models[0];
  const last: AttemptRecord = {
    ...attempt(endpointId, model, isAborted ? 'clientAbort' : isClients ? 'request' : 'success'),
    startedAfterMs: hasFailedOver ? 40 + random() * 400 : 0.5,
    firstByteMs: totalMs * 0.3,
    totalMs,
    isReusedConnection: random() < 0.9,
  };
  const failed = attempt('first', model, failures[Math.floor(random() * failures.length)] ?? 'transient');
  const isLong = random() < 0.05;
  return {
    id: `synthetic-${nth}`,
    startedWallMs,
    dialect: 'anthropic',
    route: 'messages',
    model,
    isStream: true,
    client: 'claude-cli/2.0.0 (external, cli)',
    sessionId: `session-${Math.floor(nth / 600)}-${Math.floor(random() * 3)}`,
    terminal: isAborted ? 'clientAbort' : isClients ? 'endpointError' : 'ok',
    status: isClients ? 400 : 200,
    endpointId,
    attempts: hasFailedOver ? [failed, last] : [last],
    passedOver: [],
    firstByteMs: totalMs * 0.3,
    totalMs,
    bytesIn: Math.floor(20_000 + random() * 300_000),
    bytesOut: Math.floor(1000 + random() * 20_000),
    usage: {
      inputTokens: Math.floor(random() * 2000),
      outputTokens: Math.floor(random() * 1500),
      cacheReadTokens: Math.floor(random() * (isLong ? 180_000 : 80_000)),
      cacheWriteTokens: Math.floor(random() * 4000),
    },
  };
}

const notChosen = told({ code: 'notChosen', because: { code: 'bound' } });

function attempt(endpointId: string, sentModel: string, name: AttemptRecord['class']): AttemptRecord {
  const isWell = name === 'success';
  return {
    endpointId,
    sentModel,
    class: name,
    ...told(isWell ? { code: 'ok' } : { code: 'statusAndType', status: 503, type: name }),
    status: isWell ? 200 : 503,
    chosenBecause: 'bound',
    chosenWhy: { code: 'bound' },
    passedOver: [{ endpointId: endpointId === 'first' ? 'second' : 'first', ...notChosen, untilMs: undefined }],
    startedAfterMs: 0.4,
    firstByteMs: 12,
    totalMs: 15,
    isReusedConnection: true,
    maybeBilled: false,
  };
}
