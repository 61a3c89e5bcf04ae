import type { Config } from '../../../../src/core/config/config.ts';
import type { RequestRecord } from '../../../../src/core/record/record.ts';
import { terminalFrame } from '../../../../src/dialect/streamEnding.ts';
import type { AttemptLedger, RequestLedger } from './ledger.ts';

/** The violated invariant of a finished request's answer; undefined if there is none. */
export function answerProblem(request: RequestLedger, record: RequestRecord, config: Config): string | undefined {
  const { response, attempts } = request;
  const last = attempts.at(-1);
  const isGone = response.hasLeft || response.manner.reading === 'stuck';
  switch (record.terminal) {
    case 'ok':
      if (last === undefined || record.endpointId !== last.endpointId) return 'an answer of nobody';
      if (response.statusCode !== last.plan.status) return 'another status than the endpoint gave';
      if (response.header('x-signalbox-endpoint') !== last.endpointId) return 'another endpoint is named';
      if (!response.isCleanEnd) return 'a whole answer that does not end';
      return isFollowed(request) ? streamProblem(request, last) : bodyProblem(response.body, last);
    case 'truncated':
      return last === undefined ? 'a broken answer of nobody' : brokenProblem(request, last, config);
    case 'endpointError':
      return endpointErrorProblem(request);
    case 'gatewayError':
      return ownErrorProblem(request);
    case 'clientAbort':
      if (!isGone) return 'a client abort that was none';
      if (response.isCleanEnd) return 'a clean end for a client that left';
      return partProblem(request, last);
    default:
      return `an unknown end ${record.terminal satisfies never}`;
  }
}

function isFollowed({ isStream, route }: RequestLedger): boolean {
  return isStream && route.kind === 'model' && route.format !== undefined;
}

function delivered({ plan, deliveredBytes }: AttemptLedger): Buffer {
  return plan.answer.bytes.subarray(0, deliveredBytes);
}

/** The frames of which all has come; one that lacks only the LF of its last CRLF has come, too, and is ended for it. */
function wholeFrames(last: AttemptLedger): Buffer {
  const sent = delivered(last);
  const { frameEnds, bytes } = last.plan.answer;
  const lacksLineFeed = sent.at(-1) === 0x0d && frameEnds.includes(sent.length + 1);
  const until = sent.length + (lacksLineFeed ? 1 : 0);
  return bytes.subarray(0, frameEnds.findLast((end) => end <= until) ?? 0);
}

function bodyProblem(body: Buffer, last: AttemptLedger): string | undefined {
  if (!body.equals(last.plan.answer.bytes)) return 'a body that differs from the endpoint’s';
  return last.deliveredBytes < body.length ? 'a body that the endpoint has not sent' : undefined;
}

/** A complete stream: what the endpoint sent up to its terminal event, or that event in our words where it was missing. */
function streamProblem(request: RequestLedger, last: AttemptLedger): string | undefined {
  const { body } = request.response;
  const sent = delivered(last);
  const { stopEnd, terminalEnd } = last.plan.answer;
  if (terminalEnd === undefined) return 'an answer without an end taken for whole';
  if (sent.length >= terminalEnd) {
    return body.equals(sent.subarray(0, terminalEnd)) ? undefined : 'a stream that differs from the endpoint’s';
  }
  // Half of its last CRLF is missing, no more.
  if (wholeFrames(last).length === terminalEnd && body.length === terminalEnd) {
    return isPrefix(sent, body) ? undefined : 'a stream that differs from the endpoint’s';
  }
  const isUnended = terminalEnd - sent.length <= 4 && body.equals(Buffer.concat([sent, Buffer.from('\n\n')]));
  if (isUnended) return undefined;
  const own = request.route.kind === 'model' && request.route.format ? terminalFrame(request.route.format) : undefined;
  if (own === undefined || stopEnd === undefined || sent.length < stopEnd) return 'a broken stream taken for whole';
  const completed = Buffer.concat([wholeFrames(last), Buffer.from(own)]);
  return body.equals(completed) ? undefined : 'a completed stream that differs from the endpoint’s';
}

/** Part of a stream ends where a frame does: nobody can use half a frame. */
function partProblem(request: RequestLedger, last: AttemptLedger | undefined): string | undefined {
  const { body } = request.response;
  if (body.length === 0) return undefined;
  if (last === undefined || !isPrefix(body, delivered(last))) return 'bytes that the endpoint has not sent';
  if (!isFollowed(request)) return undefined;
  const { frameEnds } = last.plan.answer;
  const isAtEnd = frameEnds.some((end) => end === body.length || (end === body.length + 1 && body.at(-1) === 0x0d));
  return isAtEnd ? undefined : 'half a frame';
}

function brokenProblem(request: RequestLedger, last: AttemptLedger, config: Config): string | undefined {
  const { response } = request;
  const { body } = response;
  const { terminalEnd } = last.plan.answer;
  const hasEnd = terminalEnd !== undefined && last.deliveredBytes >= terminalEnd;
  const isWhole = isFollowed(request) ? hasEnd : last.isWhole;
  if (isWhole) return 'a whole answer taken for broken';
  if (!response.isCleanEnd) return partProblem(request, last);
  if (!isFollowed(request) || config.stream.breakStyle === 'destroy') return 'a clean end of a broken answer';
  const { contentEnd } = last.plan.answer;
  const isTheirs = last.plan.fault === 'errorAfterContent' && delivered(last).length > contentEnd;
  // The endpoint's own error is not passed on: ours stands in its place.
  const whole = isTheirs ? delivered(last).subarray(0, contentEnd) : wholeFrames(last);
  const rest = body.subarray(whole.length).toString();
  const isOurs = isPrefix(whole, body) && /^(event: error\n)?data: \{.*Signalbox: .*\}\n\n$/.test(rest);
  return isOurs ? undefined : 'a broken stream that does not end with an error';
}

/** One of the endpoints' own errors, byte for byte: of an error answer, or of an event before content. */
function endpointErrorProblem({ response, attempts }: RequestLedger): string | undefined {
  const { body, statusCode } = response;
  const isTheirs = attempts.some(({ plan: { status, answer } }) => {
    return status === statusCode ? body.equals(answer.bytes) : status === 200 && answer.bytes.includes(body);
  });
  // A page, a text and nothing are no errors of the API: the client gets the status in its own format.
  const isInOurWords =
    body.includes('without an error of the API') && attempts.some(({ plan }) => plan.status === statusCode);
  if (!isTheirs && !isInOurWords) return 'an error that no endpoint has given';
  if (statusCode < 400 || statusCode === 401) return `status ${statusCode} as an error`;
  return response.isCleanEnd ? undefined : 'an error answer that does not end';
}

/** An error of our own; only where every key was refused does it quote the endpoints. */
function ownErrorProblem({ response }: RequestLedger): string | undefined {
  const text = response.body.toString();
  const quotes = response.statusCode !== 403 && text.includes('<e');
  if (!text.includes('Signalbox: ') || quotes) return 'an error that is not ours alone';
  if (![403, 404, 502, 503].includes(response.statusCode)) return `status ${response.statusCode} of our own`;
  const seconds = Number(response.header('retry-after') ?? 0);
  const isTold = response.header('x-should-retry') === 'false' || (seconds >= 1 && seconds <= 60);
  if (!isTold) return 'no word on when to try again';
  return response.isCleanEnd ? undefined : 'an error answer that does not end';
}

function isPrefix(part: Buffer, whole: Buffer): boolean {
  return part.length <= whole.length && part.equals(whole.subarray(0, part.length));
}
