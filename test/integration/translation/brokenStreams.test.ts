import assert from 'node:assert/strict';
import { type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import { sse } from '../../support/endpoints/rawAnswer.ts';
import { type TestGateway, until } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { converse } from '../../support/scenes/converse.ts';
import { message } from '../../support/scenes/scene.ts';

const says = (content: string) => ({ id: 'c1', choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const stops = (finish_reason: string) => ({ id: 'c1', choices: [{ index: 0, delta: {}, finish_reason }] });

for (const breakStyle of ['destroy', 'event'] as const) {
  describe(`a translated stream that breaks after its content (${breakStyle})`, () => {
    let endpoint: ExactEndpoint;
    let gateway: TestGateway;

    before(async () => {
      endpoint = await startExactEndpoint();
      const shared = { auth: 'none', dialect: 'openai', alsoServes: ['anthropic'], formats: ['chat'] };
      gateway = await startInProcess({
        config: {
          clientToken: null,
          warmup: { onStart: false },
          recovery: { enabled: false },
          stream: { breakStyle },
          endpoints: [{ ...shared, id: 'first', baseUrl: endpoint.url, modelMap: { 'claude-*': 'm-1' } }],
        },
      });
    });
    after(async () => {
      await gateway.stop();
      await endpoint.close();
    });

    /** The client has the first part before the second one is sent. */
    async function play(first: string, rest: string) {
      const goOn = Promise.withResolvers<void>();
      endpoint.answer = async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(first);
        await goOn.promise;
        response.end(rest);
      };
      const conversation = converse(`${gateway.url}/v1/messages`, { json: message({ stream: true }) });
      await until('the first part', conversation.byteCount, (count) => count > 0);
      goOn.resolve();
      return conversation.end;
    }

    function assertBroken({ text, isComplete }: { readonly text: string; readonly isComplete: boolean }) {
      assert.doesNotMatch(text, /message_delta|message_stop|content_block_stop/);
      assert.equal(isComplete, breakStyle === 'event');
      assert.equal(text.split('event: error\n').length - 1, breakStyle === 'event' ? 1 : 0);
    }

    it('gives the client the text that came in one piece with an error', async () => {
      const reply = await play(sse(says('one')), sse(says(' two'), { error: { message: 'No', code: 502 } }));
      assert.match(reply.text, /one[\s\S]* two/);
      assertBroken(reply);
    });

    it('case 61: has no end where the endpoint gave no reason to stop', async () => {
      assertBroken(await play(sse(says('one')), sse(says(' two'), '[DONE]')));
    });

    it('case 65: has no end where the reason is a failure', async () => {
      assertBroken(await play(sse(says('one')), sse(stops('insufficient_system_resource'), '[DONE]')));
    });

    it('case 56: has no end where a call never got a name', async () => {
      const calls = [{ index: 0, id: 'k0', function: { arguments: '{}' } }];
      const call = { id: 'c1', choices: [{ index: 0, delta: { tool_calls: calls }, finish_reason: 'tool_calls' }] };
      assertBroken(await play(sse(says('one')), sse(call, '[DONE]')));
    });
  });
}
