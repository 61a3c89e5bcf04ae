import type { StreamFormat } from './streamReader.ts';

/** The frame that ends a complete answer; undefined where that frame carries the answer and cannot be made up. */
export function terminalFrame(format: StreamFormat): string | undefined {
  switch (format) {
    case 'messages':
      return 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
    case 'chat':
      return 'data: [DONE]\n\n';
    case 'responses':
      return undefined;
    default:
      return format satisfies never;
  }
}

/** Never one that says overloaded: clients wait for a minute on that. */
const type = 'api_error';

/**
 * A frame that tells a client that its stream broke; SDKs turn it into a typed error (clients.md §5). `eventCount`: the
 * events before it, because some readers of Responses skip an event without its number.
 */
export function errorFrame(format: StreamFormat, message: string, eventCount: number): string {
  switch (format) {
    case 'messages':
      return `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type, message } })}\n\n`;
    case 'chat':
      return `data: ${JSON.stringify({ error: { message, type, param: null, code: null } })}\n\n`;
    case 'responses':
      return `event: error\ndata: ${JSON.stringify({ type: 'error', code: type, message, param: null, sequence_number: eventCount })}\n\n`;
    default:
      return format satisfies never;
  }
}
