import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { answers, calls, says, thinks } from '../../../src/simulated/answers.ts';
import { type Part, type Scene, startScene } from '../../support/scenes/scene.ts';
import { seededRandom } from '../../support/seededRandom.ts';

const translated = { dialect: 'openai', alsoServes: ['anthropic'] };
const parts: readonly Part[] = [
  { id: 'native-a', simulated: { strict: { vendor: 'anthropic', refusesPrefixChange: true } } },
  {
    id: 'openai',
    config: { ...translated, profile: 'openai', modelMap: { 'claude-*': 'gpt-5.6' } },
    simulated: { strict: { vendor: 'openai', bindsPrefix: true } },
  },
  {
    id: 'deepseek',
    config: { ...translated, formats: ['chat'], profile: 'deepseek', modelMap: { 'claude-*': 'deepseek-v4' } },
    simulated: { strict: { vendor: 'deepseek' } },
  },
  { id: 'native-b', simulated: { strict: { vendor: 'anthropic' } } },
];

describe('one session over endpoints of several vendors, in turns', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ parts, config: { recovery: { enabled: false } } });
  });
  after(() => scene.close());

  const models = {
    'claude-fable-5-1': { type: 'adaptive' },
    'claude-sonnet-4-5': { type: 'enabled', budget_tokens: 1024 },
  } as const;
  for (const [model, thinking] of Object.entries(models)) {
    it(`case 93: meets not one refusal in fifty turns with thinking and tools, and no vendor sees a carrier: ${model}`, async () => {
      await scene.renew();
      const random = seededRandom(1);
      const client = new Anthropic({ baseURL: scene.gateway.url, apiKey: 'none', maxRetries: 0 });
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: `Read the files (${model}).` }];
      const tools = [
        { name: 'Read', input_schema: { type: 'object' as const, properties: { path: { type: 'string' } } } },
      ];
      const seenBy = new Set<string>();
      for (let turn = 0; turn < 50; turn += 1) {
        const { id } = parts[Math.floor(random() * parts.length)] ?? { id: '' };
        seenBy.add(id);
        const chosen = await scene.gateway.control('PUT', '/signalbox/override', { endpointId: id, minutes: 5 });
        assert.equal(chosen.status, 200, chosen.text);
        const isCalling = random() < 0.7;
        const call = calls('Read', { path: `file-${turn}` });
        const parallel = random() < 0.3 ? [calls('Read', { path: `other-${turn}` })] : [];
        const said = random() < 0.5 ? [says(`Turn ${turn}.`)] : [];
        const spoken = isCalling ? [...said, call, ...parallel] : [says(`That was turn ${turn}.`)];
        scene.endpoint(id).behaveNext(answers(thinks(`Thought ${turn}.`), ...spoken));
        const stream = client.messages.stream({
          model,
          max_tokens: 2000,
          thinking,
          messages,
          tools,
        });
        const { content } = await stream.finalMessage();
        assert.equal((await stream.withResponse()).response.headers.get('x-signalbox-endpoint'), id);
        messages.push({ role: 'assistant', content });
        const results = content.flatMap((block) =>
          block.type === 'tool_use'
            ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: `text of ${turn}` }]
            : [],
        );
        messages.push({ role: 'user', content: results.length > 0 ? results : `Go on after ${turn}.` });
      }
      assert.equal(seenBy.size, parts.length);
      for (const { id } of parts) {
        const { findings, seen } = scene.endpoint(id);
        // The thinking of one account is nothing for another one: so it is natively too.
        const own = findings.filter((one) => one.kind !== 'dropped' || one.reason !== 'organization_binding_mismatch');
        assert.deepEqual(own, [], id);
        for (const request of seen) assert.doesNotMatch(request.body.toString(), /signalbox-reasoning/, id);
      }
      const lastOf = (id: string): string => scene.endpoint(id).seen.at(-1)?.body.toString() ?? '';
      assert.ok(lastOf('openai').split('"encrypted_content"').length > 3, 'its reasoning comes back to its maker');
      assert.match(lastOf('deepseek'), /"reasoning_content":"Thought \d+\."/);
      assert.match(lastOf('native-a'), /"type":"thinking"/);
    });
  }
});
