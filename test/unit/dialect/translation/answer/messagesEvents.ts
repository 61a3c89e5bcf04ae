import type { CarrierPayload } from '../../../../../src/dialect/translation/form/carrier.ts';
import { type MessagesEvent, seal } from './translate.ts';

/** The beginning of a message. */
export function begins(id: string): MessagesEvent[] {
  const usage = { input_tokens: 0, output_tokens: 0 };
  const rest = { content: [], stop_reason: null, stop_sequence: null, usage };
  return [
    { type: 'message_start', message: { id, type: 'message', role: 'assistant', model: 'claude-asked', ...rest } },
  ];
}

/** A block of text, by its deltas. */
export function text(index: number, ...pieces: string[]): MessagesEvent[] {
  return [
    { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
    ...pieces.map((piece) => delta(index, { type: 'text_delta', text: piece })),
    stop(index),
  ];
}

/** A block of reasoning with its carrier, by its deltas. */
export function thinking(index: number, payload: CarrierPayload, ...pieces: string[]): MessagesEvent[] {
  return [
    { type: 'content_block_start', index, content_block: { type: 'thinking', thinking: '', signature: '' } },
    ...pieces.map((piece) => delta(index, { type: 'thinking_delta', thinking: piece })),
    delta(index, { type: 'signature_delta', signature: seal(payload) }),
    stop(index),
  ];
}

/** A call, by the pieces of its arguments; the name comes before the id. */
export function tool(index: number, name: string, id: string, ...pieces: string[]): MessagesEvent[] {
  return [
    { type: 'content_block_start', index, content_block: { type: 'tool_use', id, name, input: {} } },
    ...pieces.map((piece) => delta(index, { type: 'input_json_delta', partial_json: piece })),
    stop(index),
  ];
}

/** A block that the answer breaks off in. */
export function open(events: readonly MessagesEvent[]): MessagesEvent[] {
  return events.slice(0, -1);
}

/** The token counts of a message; those of the estimate where the endpoint told none. */
export function counts(input: number, output: number, more: { read?: number; write?: number; thinking?: number } = {}) {
  return {
    input_tokens: input,
    cache_creation_input_tokens: more.write ?? 0,
    cache_read_input_tokens: more.read ?? 0,
    output_tokens: output,
    ...(more.thinking === undefined ? {} : { output_tokens_details: { thinking_tokens: more.thinking } }),
  };
}

/** The end of a message. */
export function ends(stopFields: string | object, usage: object): MessagesEvent[] {
  const fields = typeof stopFields === 'string' ? { stop_reason: stopFields, stop_sequence: null } : stopFields;
  return [{ type: 'message_delta', delta: fields, usage }, { type: 'message_stop' }];
}

/** The stop of a refusal. */
export function refused(explanation: string | null): object {
  const details = { type: 'refusal', category: null, explanation };
  return { stop_reason: 'refusal', stop_sequence: null, stop_details: details };
}

function delta(index: number, fields: object): MessagesEvent {
  return { type: 'content_block_delta', index, delta: fields };
}

function stop(index: number): MessagesEvent {
  return { type: 'content_block_stop', index };
}
