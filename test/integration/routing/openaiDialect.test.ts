import assert from 'node:assert/strict';
import {
  type Behaviour,
  cloudflarePage,
  openaiError,
  openaiInsufficientQuota,
} from '../../../src/simulated/behaviour.ts';
import { anyAnswer, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { ask, objectOf } from '../../support/scenes/converse.ts';
import { attemptsOf, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';

interface Way {
  readonly name: string;
  readonly path: string;
  readonly json: object;
  /** In a whole answer. */
  readonly end: RegExp;
}

const messages = [{ role: 'user', content: 'Hello' }];
const ways: readonly Way[] = [
  { name: 'chat', path: '/v1/chat/completions', json: { model: 'gpt-5', messages }, end: /"finish_reason":"stop"/ },
  {
    name: 'chat, streaming',
    path: '/v1/chat/completions',
    json: { model: 'gpt-5', messages, stream: true },
    end: /data: \[DONE\]\n\n$/,
  },
  { name: 'responses', path: '/v1/responses', json: { model: 'gpt-5', input: 'Hello' }, end: /"status":"completed"/ },
  {
    name: 'responses, streaming',
    path: '/v1/responses',
    json: { model: 'gpt-5', input: 'Hello', stream: true },
    end: /event: response\.completed\ndata: .*\n\n$/,
  },
  { name: 'embeddings', path: '/v1/embeddings', json: { model: 'embed-1', input: ['a', 'b'] }, end: /"embedding":\[/ },
];

const faults: Readonly<Record<string, readonly [Behaviour, string]>> = {
  'a 503 server_is_overloaded': [openaiError(503, { code: 'server_is_overloaded' }), 'overloaded'],
  'a 500': [openaiError(500), 'unknown'],
  'a 429 with a reset': [
    openaiError(429, { type: 'requests', code: 'rate_limit_exceeded', headers: { 'retry-after': '20' } }),
    'rateLimit',
  ],
  'a used-up account': [openaiInsufficientQuota(), 'billing'],
  'a spend limit': [openaiInsufficientQuota('project_spend_limit_exceeded'), 'billing'],
  'a refused key': [{ kind: 'status', status: 401 }, 'auth'],
  'a model it does not have': [openaiError(404, { type: 'invalid_request_error', code: 'model_not_found' }), 'model'],
  'a web page': [cloudflarePage(502), 'badResponse'],
  'a reset': [{ kind: 'cut', at: 'beforeHeaders', how: 'rst' }, 'transient'],
  'an answer that breaks off': [{ kind: 'cut', at: 'midStart', how: 'rst' }, 'transient'],
};

describe('an endpoint of the OpenAI dialect', () => {
  let scene: Scene;

  before(async () => {
    const openai = { dialect: 'openai' };
    scene = await startScene({
      parts: [
        { id: 'first', config: openai, simulated: { auth: 'bearer' } },
        { id: 'second', config: openai, simulated: { auth: 'bearer' } },
        { id: 'anthropic', simulated: { auth: 'x-api-key' } },
      ],
    });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  for (const { name, path, json, end } of ways) {
    describe(`(${name})`, () => {
      it('answers', async () => {
        const reply = await scene.ask(path, { json });
        assert.equal(reply.status, 200, reply.text);
        assert.match(reply.text, end);
        assert.equal(reply.bytes.length, modelRequests(scene.first)[0]?.bytesSent);
        assert.equal(scene.first.seen[0]?.path, path);
        assert.equal((await scene.recordOf(reply)).terminal, 'ok');
        assert.deepEqual(scene.counts(), [1, 0, 0]);
      });

      for (const [what, [does, expected]] of Object.entries(faults)) {
        it(`is replaced when it has ${what}`, async () => {
          scene.first.behave(does);
          const reply = await scene.ask(path, { json });
          assert.equal(reply.status, 200, reply.text);
          assert.match(reply.text, end);
          assert.equal(reply.headers['x-simulated-by'], 'second');
          assert.equal(reply.bytes.length, modelRequests(scene.second)[0]?.bytesSent);
          assert.deepEqual(attemptsOf(await scene.recordOf(reply)), [`first:${expected}`, 'second:success']);
          assert.deepEqual(scene.counts(), [1, 1, 0]);
        });
      }
    });
  }

  for (const { name, path, json } of ways.filter((way) => way.name.includes('streaming'))) {
    for (const errorType of ['server_is_overloaded', 'server_error']) {
      it(`is replaced when its stream begins with ${errorType} (${name})`, async () => {
        for (const at of ['afterHeaders', 'afterStart'] as const) {
          await scene.renew();
          scene.first.behave({ kind: 'streamError', at, errorType });
          const reply = await scene.ask(path, { json });
          assert.equal(reply.headers['x-simulated-by'], 'second', at);
          assert.equal(reply.bytes.length, modelRequests(scene.second)[0]?.bytesSent);
        }
      });
    }
  }

  it('is replaced when its Responses stream fails before content', async () => {
    scene.first.behave({ kind: 'streamError', at: 'afterStart', errorType: 'server_error', form: 'failed' });
    const reply = await scene.ask('/v1/responses', { json: { model: 'gpt-5', input: 'Hello', stream: true } });
    assert.equal(reply.headers['x-simulated-by'], 'second');
    assert.match(reply.text, /response\.completed/);
  });

  it('is followed through reasoning, tool calls and usage', async () => {
    for (const first of ['thinking', 'toolUse'] as const) {
      scene.first.behave({ kind: 'healthy', first, usage: { inputTokens: 77, outputTokens: 11 } });
      for (const { path, json, end } of ways.filter((way) => way.name.includes('streaming'))) {
        const reply = await scene.ask(path, { json: { ...json, stream_options: { include_usage: true } } });
        assert.match(reply.text, end);
        const { usage, terminal } = await scene.recordOf(reply);
        assert.equal(terminal, 'ok');
        assert.equal(usage?.inputTokens, 77, path);
        assert.equal(usage?.outputTokens, 11, path);
      }
    }
  });

  it('gets no requests of the other dialect, and the other none of its', async () => {
    const message = { model: 'claude-sonnet-4-5', max_tokens: 9, messages };
    const reply = await scene.ask('/v1/messages', { json: message });
    assert.equal(reply.headers['x-signalbox-endpoint'], 'anthropic');
    assert.equal(objectOf(reply)['type'], 'message');
    assert.deepEqual(scene.counts(), [0, 0, 1]);
  });
});

describe('an endpoint of the OpenAI dialect below another version', () => {
  it('gets the path after /v1 below its own', async () => {
    const endpoint = await startExactEndpoint();
    let path: string | undefined;
    endpoint.answer = (response, _body, { url }) => {
      path = url;
      response.writeHead(200, { 'content-type': 'application/json' }).end(anyAnswer);
    };
    const one = { id: 'one', dialect: 'openai', baseUrl: `${endpoint.url}/api/paas/v4/`, auth: 'none' };
    const gateway = await startInProcess({
      config: { clientToken: null, warmup: { onStart: false }, endpoints: [one] },
    });
    const reply = await ask(`${gateway.url}/v1/chat/completions?x=1`, { json: { model: 'm', messages } });
    assert.equal(reply.status, 200);
    assert.equal(path, '/api/paas/v4/chat/completions?x=1');
    assert.equal(await gateway.stop(), 0);
    await endpoint.close();
  });
});
