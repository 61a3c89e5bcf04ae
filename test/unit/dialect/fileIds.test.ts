import assert from 'node:assert/strict';
import { fileIdsIn } from '../../../src/dialect/fileIds.ts';

const idsIn = (body: unknown, space?: number) => fileIdsIn(Buffer.from(JSON.stringify(body, undefined, space)));
const user = (content: unknown) => ({ model: 'm', messages: [{ role: 'user', content }] });
const file = { type: 'file', file_id: 'file_1' };

describe('F8: files that a request names', () => {
  const requests = {
    'in a document of Messages': user([{ type: 'document', source: file }]),
    'in the result of a tool': user([
      { type: 'tool_result', tool_use_id: 't', content: [{ type: 'document', source: file }] },
    ]),
    'in an upload for a container': user([{ type: 'container_upload', file_id: 'file_1' }]),
    'in a file of Chat': user([{ type: 'file', file: { file_id: 'file_1' } }]),
    'in an image of Responses': { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file_1' }] }] },
    'in the output of a called function': {
      input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_file', file_id: 'file_1' }] }],
    },
    'in a tool that searches files': { tools: [{ type: 'file_search', vector_store_ids: ['file_1'] }] },
    'in the container of a tool': {
      tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file_1'] } }],
    },
    'in a skill': { container: { skills: [{ type: 'custom', skill_id: 'file_1' }] } },
  };
  for (const [name, request] of Object.entries(requests)) {
    it(`are found ${name}`, () => {
      assert.deepEqual(idsIn(request), ['file_1']);
      assert.deepEqual(idsIn(request, 2), ['file_1'], 'with white space');
    });
  }

  it('are found once each, at both ends of a long conversation', () => {
    const turns = Array.from({ length: 3000 }, () => ({ role: 'user', content: 'say "it" again\n'.repeat(40) }));
    const last = { role: 'user', content: [{ type: 'document', source: { ...file, file_id: 'file_2' } }] };
    const first = { role: 'user', content: [{ type: 'document', source: file }] };
    assert.deepEqual(idsIn({ messages: [first, first, ...turns, last] }), ['file_1', 'file_2']);
  });

  it('are not found in texts, in other members, or in what is no JSON', () => {
    for (const body of [
      user('{"file_id":"file_1"}'),
      user([{ type: 'tool_use', id: 'toolu_1', name: 'f', input: { my_file_id: 'file_1', tool_use_id: 'x' } }]),
      { file_id: 5, file_ids: [null, 5, '', {}], vector_store_ids: 'file'.repeat(5000) },
      ['file_id'],
    ]) {
      assert.deepEqual(idsIn(body), [], JSON.stringify(body).slice(0, 80));
    }
    for (const text of ['"file_id"', '"file_id":', '"file_id":"file_1', '"file_ids":["file_1"', '_id', 'x_id"']) {
      assert.deepEqual(fileIdsIn(Buffer.from(text)), [], text);
    }
  });
});
