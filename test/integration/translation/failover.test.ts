import assert from 'node:assert/strict';
import { rawAnswer, sse } from '../../support/endpoints/rawAnswer.ts';
import { attemptsOf, message, type Scene, startScene } from '../../support/scenes/scene.ts';

const openai = { dialect: 'openai', alsoServes: ['anthropic'], modelMap: { 'claude-*': 'gpt-5.6' } };
const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'c1',
  choices: [{ index: 0, delta, finish_reason }],
});
const role = chunk({ role: 'assistant', content: '' });
const nameless = chunk({ tool_calls: [{ index: 0, id: 'k0', function: { arguments: '{}' } }] });
const error = { code: 'rate_limit_exceeded', message: 'Slow down' };
const failed = { id: 'r1', object: 'response', status: 'failed', output: [], error };

describe('a translated answer that is none, before its content', () => {
  for (const [format, name, isStream, body] of [
    ['chat', 'case 56: a call that never gets a name', true, sse(role, nameless, chunk({}, 'tool_calls'), '[DONE]')],
    ['chat', 'case 61: an end without a reason to stop', true, sse(role, '[DONE]')],
    ['chat', 'case 65: a reason that is a failure', true, sse(role, chunk({}, 'insufficient_system_resource'))],
    ['responses', 'case 48: a failure in a stream', true, sse(['response.failed', { response: failed }])],
    ['responses', 'case 48: a failure in a whole answer', false, JSON.stringify(failed)],
  ] as const) {
    it(`${name}: another endpoint answers, and the client sees that answer alone`, async () => {
      const scene: Scene = await startScene({
        parts: [
          { id: 'first', config: { ...openai, formats: [format] } },
          { id: 'second', config: { ...openai, formats: ['chat'] } },
        ],
        config: { recovery: { enabled: false } },
      });
      try {
        const type = isStream ? 'text/event-stream' : 'application/json';
        scene.first.behave({ kind: 'rawResponse', bytes: rawAnswer(body, 'whole', type) });
        scene.second.behave({ kind: 'healthy', text: 'Hello from second' });
        const reply = await scene.ask('/v1/messages', { json: message({ stream: isStream }) });
        assert.equal(reply.status, 200, reply.text);
        assert.equal(reply.text.split('"role":"assistant"').length - 1, 1);
        assert.match(reply.text, /"stop_reason":"end_turn"/);
        const attempts = attemptsOf(await scene.recordOf(reply));
        assert.equal(attempts.at(-1), 'second:success');
        assert.match(attempts[0] ?? '', name.startsWith('case 48') ? /^first:rateLimit/ : /^first:(?!success)/);
      } finally {
        await scene.close();
      }
    });
  }
});
