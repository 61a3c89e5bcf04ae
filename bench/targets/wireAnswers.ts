import { stampText } from '../measuring/stamp.ts';
import type { Fault } from './simulatorMessages.ts';

const streamHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n' +
  'request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n';

/** A whole small answer with a stamp in its id. */
export function jsonAnswer(): string {
  const body = JSON.stringify({
    id: `msg_${stampText()}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5',
    content: [{ type: 'text', text: 'The points are set, the line is clear and the signal shows green.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1200, output_tokens: 20, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
  });
  return sized('200 OK', body);
}

/** The answer to `GET /v1/models` and every other GET. */
export function modelsAnswer(): string {
  const data = [{ type: 'model', id: 'claude-sonnet-5', display_name: 'Sonnet', created_at: '2026-01-01T00:00:00Z' }];
  return sized('200 OK', JSON.stringify({ data, has_more: false, first_id: data[0]?.id, last_id: data[0]?.id }));
}

/** Head of a stream with its first two events. */
export function streamStart(): string {
  const message = {
    id: `msg_${stampText()}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1200, output_tokens: 1 },
  };
  const start = event('message_start', { message });
  const block = event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  return streamHead + chunk(start + block);
}

const deltaParts = ['', ' and the next train is due'].map((text) =>
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
);

/** One text delta with a stamp; only the stamp is new, the rest is put together once. */
export function streamDelta(): string {
  return deltaHead + stampText() + deltaTail;
}

const deltaCut = (deltaParts[0] ?? '').indexOf('"text":"') + '"text":"'.length;
const deltaLength = (deltaParts[1] ?? '').length + stampText().length;
const deltaHead = `${deltaLength.toString(16)}\r\n${(deltaParts[1] ?? '').slice(0, deltaCut)}`;
const deltaTail = `${(deltaParts[1] ?? '').slice(deltaCut)}\r\n`;

/** The closing events and the last chunk. */
export const streamEnd = `${chunk(
  event('content_block_stop', { index: 0 }) +
    event('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 60 },
    }) +
    event('message_stop', {}),
)}0\r\n\r\n`;

/** An error in the dialect's own shape, as the endpoints send it. */
export function errorAnswer(fault: Extract<Fault, '500' | '529' | '429'>): string {
  switch (fault) {
    case '500':
      return errorOf('500 Internal Server Error', 'api_error', 'Internal server error', '');
    case '529':
      return errorOf('529 Overloaded', 'overloaded_error', 'Overloaded', '');
    case '429':
      return errorOf('429 Too Many Requests', 'rate_limit_error', 'Rate limited', 'retry-after: 30\r\n');
    default:
      return fault satisfies never;
  }
}

function errorOf(status: string, type: string, message: string, extraHeaders: string): string {
  return sized(status, JSON.stringify({ type: 'error', error: { type, message } }), extraHeaders);
}

function sized(status: string, body: string, extraHeaders = ''): string {
  return (
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nrequest-id: req_bench\r\n${extraHeaders}` +
    `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
