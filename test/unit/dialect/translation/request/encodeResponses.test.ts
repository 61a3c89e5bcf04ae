import assert from 'node:assert/strict';
import { sealed } from '../../../../../src/dialect/translation/form/carrier.ts';
import {
  assistant,
  image,
  pdf,
  refusedFor,
  targetOf,
  tool,
  toolResult,
  toolUse,
  toResponses,
  user,
} from './translate.ts';

const hi = [user('hi')];
const item = (encrypted: string | undefined, summary: object[] = []) =>
  sealed({
    origin: 'own',
    model: 'gpt-5.6',
    payload: { kind: 'item', id: 'rs_1', encrypted, summary, phase: 'commentary' },
  });

describe('a Messages request for a Responses endpoint', () => {
  it('case 24: has the system prompt as its first item, and nothing is stored', () => {
    const { body, input } = toResponses({ system: 'S', messages: hi, max_tokens: 100, stream: true });
    assert.deepEqual(input[0], { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'S' }] });
    const { store, include, instructions, stream, max_output_tokens: most } = body;
    assert.deepEqual(
      [store, include, instructions, stream, most],
      [false, ['reasoning.encrypted_content'], undefined, true, 100],
    );
  });

  it('asks for no fewer tokens than the API gives', () => {
    const { body, losses } = toResponses({ messages: hi, max_tokens: 1 });
    assert.deepEqual([body['max_output_tokens'], losses], [16, ['max_tokens']]);
  });

  it('case 25: has tools that are not strict, unless the client said so', () => {
    const { body } = toResponses({ messages: hi, tools: [tool('A'), tool('B', { strict: true })] });
    assert.deepEqual(
      (body['tools'] as { name: string; strict: boolean }[]).map(({ name, strict }) => [name, strict]),
      [
        ['A', false],
        ['B', true],
      ],
    );
  });

  it('case 27: has the images and PDFs of results in their order', () => {
    const content = [{ type: 'text', text: 'Look' }, image, pdf];
    const { input, losses } = toResponses({
      messages: [user('Q'), assistant([toolUse('a')]), user([toolResult('a', content)])],
    });
    assert.deepEqual(input.at(-1), {
      type: 'function_call_output',
      call_id: 'a',
      output: [
        { type: 'input_text', text: 'Look' },
        { type: 'input_image', image_url: 'data:image/png;base64,aW1hZ2U=', detail: 'auto' },
        { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,cGRm' },
      ],
    });
    assert.deepEqual(losses, []);
  });

  it('case 28: changes the effort in its place where the model can, else for all', () => {
    const request = {
      messages: [
        user('A'),
        assistant('B'),
        user('C'),
        { role: 'system', content: 'Quick.', output_config: { effort: 'low' } },
      ],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    };
    const { input, body } = toResponses(request, { model: 'gpt-6' });
    assert.deepEqual(input.at(-1), { type: 'configuration_update', reasoning: { effort: 'low' } });
    assert.deepEqual(body['reasoning'], { effort: 'high', summary: 'auto' });
    const older = toResponses(request);
    assert.equal(older.input.at(-1)?.['type'], 'message');
    assert.deepEqual(older.body['reasoning'], { effort: 'low', summary: 'auto' });
  });

  it('case 29: has the newest four cache marks, and none on what the assistant said', () => {
    const marked = (text: string) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } });
    const messages = [1, 2, 3].flatMap((nth) => [user([marked(`u${nth}`)]), assistant([marked(`a${nth}`)])]);
    const request = { system: [marked('s1'), marked('s2'), marked('s3')], messages: [...messages, user('end')] };
    const found = [...toResponses(request).text.matchAll(/"text":"(\w+)","prompt_cache_breakpoint"/g)].map(
      ([, text]) => text,
    );
    assert.deepEqual(found, ['s3', 'u1', 'u2', 'u3']);
    assert.doesNotMatch(toResponses(request, targetOf('generic')).text, /prompt_cache_breakpoint/);
  });

  it('case 30: has the search of the web as its own, or is refused with what it cannot leave out', () => {
    const search = { type: 'web_search_20250305', name: 'web_search', allowed_domains: ['d.example'], max_uses: 5 };
    const { body } = toResponses({ messages: hi, tools: [search] });
    assert.deepEqual(body['tools'], [{ type: 'web_search', filters: { allowed_domains: ['d.example'] } }]);
    assert.equal(body['max_tool_calls'], 5);
    const blocking = { ...search, blocked_domains: ['x.example'] };
    const path = refusedFor({ messages: hi, tools: [tool('A'), blocking] }, 'responses', targetOf('openai'));
    assert.equal(path, 'tools[1].web_search_20250305.blocked_domains');
  });

  it('case 31: watches for stop sequences itself', () => {
    const { text, stopSequences } = toResponses({ messages: hi, stop_sequences: ['END'] });
    assert.doesNotMatch(text, /END|"stop"/);
    assert.deepEqual(stopSequences, ['END']);
  });

  it('keeps the order of text, calls and its own reasoning, each before what followed it', () => {
    const summary = [{ type: 'summary_text', text: 'T' }];
    const { input, losses } = toResponses({
      messages: [
        user('Q'),
        assistant([
          { type: 'thinking', thinking: 'T', signature: item('enc', summary) },
          { type: 'text', text: 'A' },
          toolUse('a'),
          { type: 'thinking', thinking: 'end', signature: item('enc2') },
        ]),
        user([toolResult('a', 'x')]),
      ],
    });
    assert.deepEqual(
      input.map(({ type, phase }) => (phase === undefined ? type : `${type} ${phase}`)),
      ['message', 'reasoning', 'message commentary', 'function_call', 'function_call_output'],
    );
    assert.deepEqual(input[1], { type: 'reasoning', id: 'rs_1', summary, encrypted_content: 'enc' });
    assert.deepEqual(losses, ['messages[1].content[3]'], 'nothing follows it');
  });

  it('gives reasoning back to its own model only', () => {
    const request = {
      messages: [
        user('Q'),
        assistant([{ type: 'thinking', thinking: 'T', signature: item('enc') }, toolUse('a')]),
        user([toolResult('a', 'x')]),
      ],
    };
    assert.doesNotMatch(toResponses(request, { model: 'gpt-6' }).text, /"reasoning"/);
    assert.doesNotMatch(toResponses(request, { origin: 'other' }).text, /"reasoning"/);
  });

  it('drops what reasoning models refuse, and says so', () => {
    const { body, losses } = toResponses({ messages: hi, temperature: 0.5, top_p: 1, top_k: 3 });
    assert.deepEqual([body['temperature'], body['top_p'], body['top_k']], [undefined, undefined, undefined]);
    assert.deepEqual(losses, ['temperature', 'top_k']);
  });

  it('leaves out the fields that the endpoint has refused before', () => {
    const { body } = toResponses(
      { messages: hi, thinking: { type: 'adaptive' } },
      { refusedFields: new Set(['reasoning']) },
    );
    assert.equal(body['reasoning'], undefined);
  });
});
