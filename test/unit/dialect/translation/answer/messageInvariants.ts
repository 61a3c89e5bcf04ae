import assert from 'node:assert/strict';
import { isRecord } from '../../../../../src/base/isRecord.ts';
import type { MessagesEvent } from './translate.ts';

/** The kinds of deltas that a block may get. */
const deltasOf: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
  web_search_tool_result: [],
};

/**
 * Checks what holds for every stream of the Messages API, complete or not: one start before everything, indexes without gaps,
 * one block open at a time and closed before the stop, deltas of the block's own kind that say something, nothing after the end.
 */
export function assertInvariants(events: readonly MessagesEvent[]): void {
  let open: { readonly index: number; readonly kind: string; isSigned: boolean } | undefined;
  let next = 0;
  const types = events.map((event) => String(event['type']));
  const body = types.indexOf('message_delta') === -1 ? types : types.slice(0, types.indexOf('message_delta'));
  assert.deepEqual(types.slice(body.length), body.length === types.length ? [] : ['message_delta', 'message_stop']);
  for (const [at, event] of events.slice(0, body.length).entries()) {
    const { type, index } = event;
    if (type === 'ping') continue;
    assert.equal(type === 'message_start', at === 0, 'one start, before everything');
    if (type === 'content_block_start') {
      assert.equal(open, undefined, 'one block at a time');
      assert.equal(index, next, 'no gaps');
      open = { index: next, kind: String(fieldsOf(event['content_block'])['type']), isSigned: false };
      next += 1;
    } else if (type === 'content_block_delta') {
      const delta = fieldsOf(event['delta']);
      const kind = String(delta['type']);
      assert.equal(index, open?.index, 'a delta of the open block');
      assert.ok(deltasOf[open?.kind ?? '']?.includes(kind), `${kind} in ${open?.kind}`);
      assert.equal(open?.isSigned, false, 'nothing after the signature');
      if (open !== undefined) open.isSigned = kind === 'signature_delta';
      const said = delta['text'] ?? delta['thinking'] ?? delta['signature'] ?? delta['partial_json'];
      assert.ok(typeof said === 'string' && said !== '', 'a delta says something');
    } else if (type === 'content_block_stop') {
      assert.equal(index, open?.index, 'the open block ends');
      assert.equal(open?.kind === 'thinking', open?.isSigned, 'reasoning is signed');
      open = undefined;
    } else assert.equal(type, 'message_start');
  }
  if (body.length < types.length) assert.equal(open, undefined, 'all blocks are closed before the stop');
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  assert.ok(isRecord(value));
  return value;
}
