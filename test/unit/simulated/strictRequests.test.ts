import assert from 'node:assert/strict';
import { send, withEndpoint } from './client.ts';

const chat = (body: object) => ({ path: '/v1/chat/completions', body });
const hi = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

describe('an endpoint that is strict', () => {
  it(
    "answers a bad request with its vendor's refusal, remembers it, and uses up no behaviour",
    withEndpoint(
      async (endpoint) => {
        endpoint.behaveNext({ kind: 'healthy', text: 'Once.' });
        const refused = await send(endpoint, chat({ ...hi, thinking: {} }));
        assert.equal(refused.status, 400);
        assert.deepEqual(JSON.parse(refused.body.toString()).error.code, 'unknown_parameter');
        assert.deepEqual(endpoint.findings, [
          { kind: 'refused', route: 'chat', rule: 'unknownKey', message: "Unknown parameter: 'thinking'." },
        ]);
        assert.match((await send(endpoint, chat(hi))).body.toString(), /Once\./);
      },
      { strict: { vendor: 'openai' } },
    ),
  );

  it(
    'has the routes of its vendor only, and a body that is no JSON is a bad request',
    withEndpoint(
      async (endpoint) => {
        assert.equal((await send(endpoint, { path: '/v1/responses', body: { model: 'm', input: 'hi' } })).status, 404);
        assert.equal((await send(endpoint, { path: '/v1/messages', body: {} })).status, 404);
        assert.equal((await send(endpoint, { path: '/v1/chat/completions', body: '' })).status, 400);
        assert.equal((await send(endpoint, { path: '/v1/models', method: 'GET' })).status, 200);
      },
      { strict: { vendor: 'deepseek' } },
    ),
  );

  it(
    'counts the tokens of a Responses request, and of none that Responses would not take',
    withEndpoint(
      async (endpoint) => {
        const path = '/v1/responses/input_tokens';
        endpoint.behave({ kind: 'healthy', usage: { inputTokens: 77 } });
        const counted = await send(endpoint, { path, body: { model: 'gpt-5', input: 'hi' } });
        assert.deepEqual(JSON.parse(counted.body.toString()), { object: 'response.input_tokens', input_tokens: 77 });
        assert.equal((await send(endpoint, { path, body: { model: 'gpt-5', input: 'hi', store: false } })).status, 400);
      },
      { strict: { vendor: 'openai' } },
    ),
  );

  it(
    'notices a conversation that is not what it was, however its vendor takes it',
    withEndpoint(
      async (endpoint) => {
        const system = (content: string) => ({ role: 'system', content });
        const says = (...messages: object[]) => send(endpoint, chat({ model: 'm', messages }));
        const [first, second, third] = ['first', 'second', 'third'].map((content) => ({ role: 'user', content }));
        await says(system('a'), first ?? {});
        await says(system('a'), first ?? {}, { role: 'assistant', content: 'b' }, second ?? {});
        await says(system('a'), first ?? {});
        await says(system('a'), third ?? {});
        assert.deepEqual(endpoint.findings, []);
        assert.equal((await says(system('other'), first ?? {})).status, 200);
        assert.deepEqual(endpoint.findings, [{ kind: 'changed', route: 'chat', at: 0 }]);
      },
      { strict: { vendor: 'generic' } },
    ),
  );

  it(
    'refuses such a conversation where it is told to',
    withEndpoint(
      async (endpoint) => {
        const tools = (name: string) => ({ ...hi, tools: [{ type: 'function', function: { name } }] });
        await send(endpoint, chat(tools('a')));
        assert.equal((await send(endpoint, chat(tools('b')))).status, 400);
        assert.equal(endpoint.findings[0]?.kind, 'refused');
      },
      { strict: { vendor: 'generic', refusesPrefixChange: true } },
    ),
  );
});
