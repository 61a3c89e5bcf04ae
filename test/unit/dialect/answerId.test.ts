import assert from 'node:assert/strict';
import { answerId } from '../../../src/dialect/answerId.ts';

const of = (text: string, isStream = false) => answerId(Buffer.from(text), isStream);
const created = (response: string) =>
  `event: response.created\ndata: {"type":"response.created","response":${response}}\n\n`;

describe('F8: answerId', () => {
  it('is the id of the object in a JSON body, wherever it stands, and not that of a part', () => {
    assert.equal(of('{"id":"resp_1","output":[{"id":"msg_1"}]}'), 'resp_1');
    assert.equal(of('{"output":[{"id":"msg_1"}],"id":"resp_1"}'), 'resp_1');
    assert.equal(of('{"object":"file","id":"file-abc"}'), 'file-abc');
    assert.equal(of(`{"id":"resp_1","output":[{"text":"${'x'.repeat(70_000)}`), 'resp_1', 'of a body that is cut off');
  });

  it('is that of the response whose stream begins', () => {
    assert.equal(of(created('{"id":"resp_1","status":"in_progress"}'), true), 'resp_1');
    assert.equal(of(created('{"object":"response","id":"resp_2"}'), true), 'resp_2');
    assert.equal(of(created('{ "id" : "any.id:1" }'), true), 'any.id:1');
  });

  it('is none where there is none', () => {
    for (const text of ['', '[]', '{}', '{"id":7}', '{"id":""}', `{"id":"${'x'.repeat(300)}"}`, 'no JSON']) {
      assert.equal(of(text), undefined, text);
      assert.equal(of(text, true), undefined, text);
    }
    assert.equal(of(created('{"status":"in_progress"}'), true), undefined);
  });
});
