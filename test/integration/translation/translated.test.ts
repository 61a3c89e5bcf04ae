import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { attemptsOf, message, type Scene, startScene } from '../../support/scenes/scene.ts';

const openai = { dialect: 'openai', alsoServes: ['anthropic'], modelMap: { 'claude-*': 'gpt-5.6' } };

for (const format of ['chat', 'responses'] as const) {
  describe(`a Messages client whose request is translated to ${format}`, () => {
    let scene: Scene;
    let client: Anthropic;

    before(async () => {
      scene = await startScene({
        parts: [{ id: 'first' }, { id: 'second', config: { ...openai, formats: [format] } }],
        config: { recovery: { enabled: false } },
      });
      client = new Anthropic({ baseURL: scene.gateway.url, apiKey: 'none', maxRetries: 0 });
    });
    beforeEach(() => scene.renew());
    after(() => scene.close());

    const question: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'claude-sonnet-4-5',
      max_tokens: 500,
      messages: [{ role: 'user', content: 'hi' }],
    };

    it('case 85: gets its answers natively while that is possible', async () => {
      const reply = await scene.ask('/v1/messages', { json: message() });
      assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:success']);
      assert.deepEqual(scene.counts(), [1, 0]);
    });

    it('gets a stream that the SDK reads, after the native endpoint has failed', async () => {
      scene.first.behave({ kind: 'status', status: 529 });
      scene.second.behave({ kind: 'healthy', text: 'Hello from afar', first: 'toolUse' });
      const final = await client.messages.stream(question).finalMessage();
      assert.equal(final.model, 'claude-sonnet-4-5');
      assert.deepEqual(final.content.map(({ type }) => type).sort(), ['text', 'tool_use']);
      assert.equal(final.stop_reason, 'tool_use');
    });

    it('gets a whole answer', async () => {
      scene.first.behave({ kind: 'status', status: 529 });
      scene.second.behave({ kind: 'healthy', text: 'Hello from afar' });
      const { data, response } = await client.messages.create(question).withResponse();
      assert.deepEqual(data.content, [{ type: 'text', text: 'Hello from afar' }]);
      assert.equal(data.stop_reason, 'end_turn');
      assert.equal(response.headers.get('x-signalbox-translated'), `messages>${format}`);
      const record = await scene.recordOf({ headers: Object.fromEntries(response.headers) });
      assert.equal(record.attempts.at(-1)?.translation?.to, format);
    });
  });
}
