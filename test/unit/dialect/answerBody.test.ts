import assert from 'node:assert/strict';
import { type AnswerBody, judgeAnswerBody } from '../../../src/dialect/answerBody.ts';
import type { StreamFormat } from '../../../src/dialect/streamReader.ts';
import { bodyBytes, formats } from '../../support/endpoints/wholeStreams.ts';

type Row = readonly [name: string, body: unknown, expected: AnswerBody['kind']];

const said = (message: object, finish_reason: unknown = null) => ({ choices: [{ index: 0, message, finish_reason }] });
const ofMessages = (content: unknown, stop_reason: unknown) => ({ type: 'message', content, stop_reason });
const ofResponses = (status: string, output: readonly object[], more: object = {}) => ({ status, output, ...more });
const error = { type: 'overloaded_error', message: 'No' };

const rows: Readonly<Record<StreamFormat, readonly Row[]>> = {
  chat: [
    ['choices of null', { id: 'a', choices: null }, 'empty'],
    ['no choices', { id: 'a', choices: [] }, 'empty'],
    ['choices that say nothing', said({ role: 'assistant', content: null, tool_calls: [] }), 'empty'],
    ['an empty reason', said({ role: 'assistant', content: '' }, ''), 'empty'],
    ['an endpoint that failed', said({ role: 'assistant', content: '' }, 'insufficient_system_resource'), 'error'],
    ['an empty answer that says why', said({ role: 'assistant', content: '' }, 'stop'), 'answer'],
    ['a refusal', said({ role: 'assistant', content: null, refusal: 'No.' }), 'answer'],
    ['a tool call', said({ tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }] }), 'answer'],
    ['another vendor’s envelope', { code: 1002, msg: 'busy' }, 'error'],
  ],
  messages: [
    ['no content and no reason', ofMessages([], null), 'empty'],
    ['no content', ofMessages(null, ''), 'empty'],
    ['an empty text', ofMessages([{ type: 'text', text: '' }], null), 'empty'],
    ['end_turn without content', ofMessages([], 'end_turn'), 'answer'],
    ['a refusal', ofMessages([], 'refusal'), 'answer'],
    ['a tool call', ofMessages([{ type: 'tool_use', id: 't', name: 'f', input: {} }], 'tool_use'), 'answer'],
  ],
  responses: [
    ['no output', ofResponses('completed', []), 'empty'],
    ['an empty message', ofResponses('completed', [{ type: 'message', role: 'assistant', content: [] }]), 'empty'],
    ['a failed response', ofResponses('failed', [], { error: { code: 'server_error', message: 'No' } }), 'error'],
    ['a cancelled response', ofResponses('cancelled', []), 'error'],
    ['a response in the background', ofResponses('queued', []), 'answer'],
    [
      'a response that was cut off at once',
      ofResponses('incomplete', [], { incomplete_details: { reason: 'max_output_tokens' } }),
      'answer',
    ],
  ],
};

const anyFormat: readonly Row[] = [
  ['an error', { error }, 'error'],
  ['an error as a text', { error: 'No' }, 'error'],
  ['an error event', { type: 'error', error }, 'error'],
  ['an error in a list', [{ error }], 'error'],
  ['an empty object', {}, 'empty'],
  ['something else', { ok: true }, 'empty'],
  ['null', null, 'foreign'],
  ['a list', [1, 2], 'foreign'],
  ['a text', 'ok', 'foreign'],
];

describe('judgeAnswerBody', () => {
  const named = { Messages: 'messages', Chat: 'chat', Responses: 'responses' } as const;
  for (const format of formats) {
    const stream = named[format.name as keyof typeof named];
    for (const [name, body, expected] of [...rows[stream], ...anyFormat]) {
      it(`F9: takes ${name} for ${expected} (${format.name})`, () => {
        assert.equal(judgeAnswerBody(Buffer.from(JSON.stringify(body)), stream).kind, expected);
      });
    }

    it(`takes whole answers for answers, with a mark and white space before them (${format.name})`, () => {
      for (const answer of [{}, { first: 'toolUse' }, { first: 'thinking' }] as const) {
        const body = bodyBytes(format, answer).toString();
        for (const before of ['', '\ufeff', '\n\n  \r\n']) {
          assert.equal(judgeAnswerBody(Buffer.from(before + body), stream).kind, 'answer');
        }
      }
      const long = bodyBytes(format, { text: 'x "y" \\ '.repeat(100_000) });
      assert.equal(judgeAnswerBody(long, stream).kind, 'answer');
    });
  }

  it('knows errors only, where the format has no content of its own', () => {
    assert.equal(judgeAnswerBody(Buffer.from('{"input_tokens":5}'), undefined).kind, 'answer');
    assert.equal(judgeAnswerBody(Buffer.from('{"error":{"message":"No"}}'), undefined).kind, 'error');
  });
});
