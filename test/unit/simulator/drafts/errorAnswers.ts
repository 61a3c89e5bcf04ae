import { type Tag, tagText, type WholeAnswer } from './answers.ts';
import type { FaultName } from './faults.ts';
import type { PlanContext, Step } from './planContext.ts';

/** An answer that is no success: its status, its header, what its body says. */
interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The error answer that a fault stands for, or undefined where it stands for something else. */
export function errorAnswer(
  fault: FaultName,
  context: PlanContext,
): { readonly status: number; readonly answer: WholeAnswer; readonly steps: readonly Step[] } | undefined {
  const refusal = refusalOf(fault, context);
  if (refusal === undefined) return undefined;
  const { status, type } = refusal;
  const { random } = context;
  const error = { type: 'error', error: { type, message: `no ${context.model} ${tagText(context.tag)}` } };
  const bytes = Buffer.from(refusal.body ?? JSON.stringify(error));
  const headers = {
    'content-type': refusal.body?.startsWith('<') === true ? 'text/html' : 'application/json',
    ...refusal.headers,
  };
  const steps: Step[] = [{ kind: 'head', afterMs: random.between(5, 400), status, headers }];
  const half = bytes.subarray(0, bytes.length >> 1);
  if (fault === 'errorBodyHangs') steps.push({ kind: 'data', afterMs: 0, bytes: half });
  else if (fault === 'errorBodyCut') {
    const cut = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
    steps.push({ kind: 'data', afterMs: 0, bytes: half }, { kind: 'error', afterMs: 20, error: cut });
  } else steps.push({ kind: 'data', afterMs: random.pick([0, 30]), bytes }, { kind: 'end', afterMs: 0 });
  const answer = { bytes, frameEnds: [], contentEnd: 0, stopEnd: undefined, terminalEnd: undefined };
  return { status, answer, steps };
}

function refusalOf(fault: FaultName, context: PlanContext): Refusal | undefined {
  const { random, tag } = context;
  switch (fault) {
    case 'badRequest':
      return { status: random.pick([400, 405, 409, 413, 422]), type: 'invalid_request_error' };
    case 'poison':
      return poison(context);
    case 'badKey':
      return { status: 401, type: 'authentication_error' };
    case 'forbidden':
      return {
        status: 403,
        type: 'permission_error',
        body: JSON.stringify({ error: { type: 'permission_error', message: tagText(tag) } }),
      };
    case 'noCredit':
      return { status: 402, type: 'billing_error' };
    case 'quota':
      return { status: 429, type: 'insufficient_quota' };
    case 'noModel':
      return { status: 404, type: 'not_found_error' };
    case 'noPath':
      return { status: 404, type: 'not_found_error', body: JSON.stringify({ error: { message: tagText(tag) } }) };
    case 'rateLimit':
      return { status: 429, type: 'rate_limit_error', headers: resetHeaders(context) };
    case 'rateLimitNoReset':
      return { status: 429, type: 'rate_limit_error' };
    case 'status500':
    case 'errorBodyCut':
    case 'errorBodyHangs':
      return { status: 500, type: 'api_error' };
    case 'status502':
      return { status: 502, type: 'api_error' };
    case 'status503':
      return { status: 503, type: 'api_error', headers: { 'retry-after': '7' } };
    case 'status504':
      return { status: 504, type: 'api_error' };
    case 'overloaded':
      return { status: 529, type: 'overloaded_error' };
    case 'overloaded503':
      return { status: 503, type: 'overloaded_error' };
    case 'webPageError':
      return { status: random.pick([403, 502, 503]), type: '', body: webPage(tag) };
    case 'webPage':
      return { status: 200, type: '', body: webPage(tag) };
    case 'redirect':
      return { status: 302, type: '', headers: { location: 'https://login.example.com/' }, body: '' };
    default:
      return undefined;
  }
}

/** An error that is the request's own, in any place and shape in which an endpoint may tell it. */
function poison({ random, tag, wire, isStream }: PlanContext): Refusal {
  const words = { type: 'invalid_request_error', message: `prompt is too long ${tagText(tag)}` };
  const status = random.pick([400, 405, 406, 413, 414, 415, 422, 431]);
  const bodies = [
    webPage(tag),
    `Request refused. ${tagText(tag)}`,
    '',
    JSON.stringify({ type: 'error', error: words }),
    JSON.stringify([{ error: { ...words, code: status } }]),
    JSON.stringify({ detail: words.message }),
    JSON.stringify({ success: false, message: words.message }),
    JSON.stringify({ code: status, msg: words.message }),
  ];
  const moderated = { code: 403, message: words.message, metadata: { flagged_input: tagText(tag), reasons: ['x'] } };
  const event = `event: error\ndata: ${JSON.stringify({ type: 'error', error: words })}\n\n`;
  return random.pick<Refusal>([
    { status, type: '', body: random.pick(bodies) },
    {
      status: random.pick([500, 503]),
      type: '',
      body: JSON.stringify({ error: { ...words, code: 'content_filter' } }),
    },
    { status: 403, type: '', body: JSON.stringify({ error: moderated }) },
    isStream && wire === 'messages'
      ? { status: 200, type: '', body: event, headers: { 'content-type': 'text/event-stream' } }
      : { status: 400, type: words.type },
  ]);
}

function resetHeaders({ random }: PlanContext): Readonly<Record<string, string>> {
  const seconds = String(random.between(1, 180));
  return random.pick<Readonly<Record<string, string>>>([
    { 'retry-after': seconds },
    { 'retry-after-ms': `${seconds}000` },
    { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': `${seconds}s` },
    { 'anthropic-ratelimit-unified-status': 'rejected', 'retry-after': seconds },
  ]);
}

function webPage(tag: Tag): string {
  return `<!doctype html><html><body>Please wait. ${tagText(tag)}</body></html>`;
}
