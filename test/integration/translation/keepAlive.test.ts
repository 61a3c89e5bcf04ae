import assert from 'node:assert/strict';
import { until } from '../../support/processes/startGateway.ts';
import { message, type Scene, startScene } from '../../support/scenes/scene.ts';

const openai = { dialect: 'openai', alsoServes: ['anthropic'], modelMap: { 'claude-*': 'gpt-5.6' } };

for (const format of ['chat', 'responses'] as const) {
  describe(`a Messages client that waits for an endpoint of ${format}`, () => {
    let scene: Scene;

    before(async () => {
      scene = await startScene({ parts: [{ id: 'first', config: { ...openai, formats: [format] } }] });
    });
    after(() => scene.close());

    it('case 67: gets a ping for each comment after its message has begun, and none before', async () => {
      const answer = { text: 'One two three four.' };
      scene.first.behave({ kind: 'hang', at: { afterEvents: 6 }, answer, pingEveryMs: 20 });
      const conversation = scene.converse('/v1/messages', { json: message({ stream: true }) });
      const pings = () => conversation.text().split('event: ping\n').length - 1;
      await until('five pings', pings, (count) => count >= 5);
      const text = conversation.text();
      conversation.abort();
      assert.ok(text.indexOf('event: message_start') < text.indexOf('event: ping'), text);
      assert.ok(text.indexOf('event: content_block_delta') < text.indexOf('event: ping'), text);
      assert.doesNotMatch(text, /message_stop/);
    });
  });
}
