import { TunnelError } from '../../../../src/proxy/upstream/tunnelError.ts';
import { jsonAnswer, streamAnswer, tagText, type WholeAnswer } from './answers.ts';
import { errorAnswer } from './errorAnswers.ts';
import type { FaultName } from './faults.ts';
import type { PlanContext, Step } from './planContext.ts';
import type { RandomSource } from './randomSource.ts';

/** All that will become of one attempt. Without an end or an error it hangs until somebody closes it. */
export interface AttemptPlan {
  readonly fault: FaultName;
  readonly connectMs: number;
  /** Instead of a connection. */
  readonly connectError: Error | undefined;
  readonly steps: readonly Step[];
  /** The complete answer of the endpoint. */
  readonly answer: WholeAnswer;
  readonly status: number | undefined;
}

/** The behaviour of the endpoint for this attempt. */
export function planAttempt(fault: FaultName, context: PlanContext): AttemptPlan {
  const { random } = context;
  const connectError = connectErrorOf(fault);
  const connectMs = fault === 'connectTimeout' ? 5000 : random.between(0, 60);
  const base = { fault, connectMs, connectError, answer: nothing, steps: [], status: undefined };
  if (connectError !== undefined) return base;
  if (fault === 'noHead') return base;
  if (fault === 'staleSocket' && context.isReused) return { ...base, steps: [broken(random.between(0, 20), context)] };
  if (fault === 'reset') return { ...base, steps: [broken(random.between(1200, 9000), context)] };
  if (fault === 'notHttp') {
    const error = Object.assign(new Error('Parse Error'), { name: 'HTTPParserError', code: 'HPE_INVALID_CONSTANT' });
    return { ...base, steps: [{ kind: 'error', afterMs: 30, error }] };
  }
  const refusal = errorAnswer(fault, context);
  if (refusal !== undefined) return { ...base, ...refusal };
  return { ...base, ...goodAnswer(fault, context) };
}

const nothing: WholeAnswer = {
  bytes: Buffer.alloc(0),
  frameEnds: [],
  contentEnd: 0,
  stopEnd: undefined,
  terminalEnd: undefined,
};

function connectErrorOf(fault: FaultName): Error | undefined {
  const codes: Partial<Record<FaultName, string>> = {
    refused: 'ECONNREFUSED',
    dns: 'ENOTFOUND',
    connectTimeout: 'UND_ERR_CONNECT_TIMEOUT',
    noRoute: 'ENETUNREACH',
  };
  const code = codes[fault];
  if (code !== undefined) return Object.assign(new Error(code), { code });
  return fault === 'proxyDown' ? new TunnelError('407', 'the proxy wants credentials', true) : undefined;
}

function broken(afterMs: number, { random }: PlanContext): Step {
  const code = random.pick(['ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE']);
  return { kind: 'error', afterMs, error: Object.assign(new Error(code), { code }) };
}

/** A 200 and what comes after it. */
function goodAnswer(fault: FaultName, context: PlanContext): Omit<AttemptPlan, 'fault' | 'connectMs' | 'connectError'> {
  const { wire, tag, random, isStream } = context;
  const isFollowed = isStream && wire !== 'plain';
  const isLarge = random.chance(fault === 'healthy' ? 0.002 : 0.03);
  const whole = isFollowed ? streamAnswer(wire, tag, random) : jsonAnswer(wire, tag, isLarge, random);
  const full = withError(fault, whole, context, isFollowed);
  const upTo = cutAt(fault, full, random);
  const headMs = fault === 'slowFirstByte' ? random.between(5000, 110_000) : random.between(5, 2500);
  const headers: Record<string, string> = { 'content-type': isFollowed ? 'text/event-stream' : 'application/json' };
  const isDeclared = random.chance(isFollowed ? 0.03 : 0.5);
  if (isDeclared) headers['content-length'] = String(full.bytes.length);
  const isShort = upTo < full.bytes.length;
  const last = ending(fault, context);
  const isEnd = last[0]?.kind === 'end';
  // A body shorter than declared is a broken connection; without a declared length it is complete.
  if (isEnd && isShort && isDeclared) last[0] = broken(0, context);
  const answer =
    isEnd && isShort && !isDeclared && !isFollowed ? { ...full, bytes: full.bytes.subarray(0, upTo) } : full;
  const steps: Step[] = [{ kind: 'head', afterMs: headMs, status: 200, headers }];
  steps.push(...chunks(full, upTo, fault, random), ...last);
  return { status: 200, answer, steps };
}

/** Where the bytes stop. */
function cutAt(fault: FaultName, answer: WholeAnswer, random: RandomSource): number {
  const { bytes, contentEnd, stopEnd, terminalEnd } = answer;
  const beforeStop = (stopEnd ?? terminalEnd ?? bytes.length) - 40;
  switch (fault) {
    case 'emptyAnswer':
      return 0;
    case 'cutBeforeContent':
    case 'endsBeforeContent':
      return random.between(1, (answer.frameEnds[0] ?? contentEnd) - 1);
    case 'cutAfterContent':
    case 'endsAfterContent':
    case 'silence':
      return random.between(Math.min(contentEnd, beforeStop), beforeStop);
    case 'stopReasonOnly':
      return stopEnd === undefined ? bytes.length : random.between(stopEnd, (terminalEnd ?? stopEnd) - 1);
    default:
      return bytes.length;
  }
}

/** The same answer with an error event in place of what follows. */
function withError(fault: FaultName, answer: WholeAnswer, context: PlanContext, isFollowed: boolean): WholeAnswer {
  if (!isFollowed || (fault !== 'errorBeforeContent' && fault !== 'errorAfterContent')) return answer;
  const { random, wire } = context;
  const at = fault === 'errorBeforeContent' ? (random.chance(0.5) ? 0 : (answer.frameEnds[0] ?? 0)) : answer.contentEnd;
  const type = random.pick(['overloaded_error', 'api_error', 'rate_limit_error']);
  const error = { type, message: `trouble ${tagText(context.tag)}` };
  const line = wire === 'chat' ? '' : 'event: error\n';
  const frame = Buffer.from(`${line}data: ${JSON.stringify({ type: 'error', error })}\n\n`);
  const frameEnds = [...answer.frameEnds.filter((end) => end <= at), at + frame.length];
  return { bytes: Buffer.concat([answer.bytes.subarray(0, at), frame]), frameEnds, contentEnd: at, ...noEnd };
}

const noEnd = { stopEnd: undefined, terminalEnd: undefined };

/** The bytes in pieces, at frames' ends or anywhere, some in one read and some seconds apart. */
function chunks(answer: WholeAnswer, upTo: number, fault: FaultName, random: RandomSource): Step[] {
  const steps: Step[] = [];
  const isRough = random.chance(0.4);
  const pauseMs = random.pick([0, 0, 30, 1500]);
  const count = random.between(1, 5);
  let from = 0;
  for (let n = 1; n <= count && from < upTo; n += 1) {
    const about = n === count ? upTo : Math.round((upTo * n) / count);
    const to = isRough ? about : (answer.frameEnds.find((end) => end >= about) ?? upTo);
    const end = Math.min(Math.max(to, from + 1), upTo);
    const isLate = fault === 'lateContent' && n === 2;
    const afterMs = isLate ? 25_000 : n === 1 ? random.pick([0, 0, 400]) : random.between(0, pauseMs);
    steps.push({ kind: 'data', afterMs, bytes: answer.bytes.subarray(from, end) });
    from = end;
  }
  return steps;
}

function ending(fault: FaultName, context: PlanContext): Step[] {
  const { random } = context;
  const afterMs = random.pick([0, 0, 50]);
  const end: Step = { kind: 'end', afterMs };
  switch (fault) {
    case 'cutBeforeContent':
    case 'cutAfterContent':
      return [broken(afterMs, context)];
    case 'silence':
    case 'keepsOpen':
      return [];
    case 'stopReasonOnly':
      return random.pick([[end], [broken(afterMs, context)], []]);
    default:
      return [end];
  }
}
