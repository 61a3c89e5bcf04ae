import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import type { TestGateway } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { type Answer, type Asking, ask, errorOf } from '../../support/scenes/converse.ts';

const names = ['first', 'second'] as const;

describe('F8: requests that refer to what an endpoint has stored', () => {
  let endpoints: Record<(typeof names)[number], ExactEndpoint>;
  let gateway: TestGateway;
  let folder: string;
  let count: number;

  beforeEach(async () => {
    count = 0;
    folder = mkdtempSync(join(tmpdir(), 'signalbox-stored-'));
    endpoints = { first: await startExactEndpoint(), second: await startExactEndpoint() };
    for (const name of names) {
      endpoints[name].answer = (response, body) => {
        count += 1;
        const id = `resp_${name}_${count}`;
        const item = {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Hi' }],
        };
        const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }];
        const whole = { id, object: 'response', status: 'completed', output: [item], choices };
        const headers = { 'content-type': 'application/json', 'x-by': name };
        if (!body.includes('"stream":true')) return void response.writeHead(200, headers).end(JSON.stringify(whole));
        response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
        const events = [
          { type: 'response.created', response: { id, object: 'response' } },
          { type: 'response.output_item.added', output_index: 0, item },
          { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'Hi' },
          { type: 'response.completed', response: whole },
        ];
        response.end(events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join(''));
      };
    }
    await start();
  });

  afterEach(async () => {
    await gateway.stop();
    await Promise.all(names.map((name) => endpoints[name].close()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    gateway = await startInProcess({
      stateDir: join(folder, 'state'),
      config: {
        clientToken: null,
        warmup: { onStart: false },
        recovery: { enabled: false },
        strategy: 'roundRobin',
        affinity: { enabled: false },
        breaker: { failureThreshold: 1 },
        endpoints: names.map((id) => ({ id, dialect: 'openai', baseUrl: endpoints[id].url, auth: 'none' })),
      },
    });
  }

  const respond = (more: object = {}, path = '/v1/responses') =>
    ask(`${gateway.url}${path}`, { json: { model: 'gpt-5', input: `Question ${count}`, ...more } });
  const say = (method: string, path: string, json?: object) => {
    const asking: Asking = { method, ...(json === undefined ? {} : { json }) };
    return ask(`${gateway.url}${path}`, asking);
  };
  const by = ({ headers, status, text }: Answer) => {
    assert.equal(status, 200, text);
    return headers['x-by'];
  };
  const idOf = ({ text }: Answer) => /"(resp_\w+)"/.exec(text)?.[1] ?? '';

  for (const stream of [true, false]) {
    it(`follow the endpoint that made the response (${stream ? 'stream' : 'JSON'}), whatever the strategy`, async () => {
      for (const previous of [await respond({ stream }), await respond({ stream })]) {
        const maker = by(previous);
        let id = idOf(previous);
        for (let turn = 0; turn < 3; turn += 1) {
          const next = await respond({ stream, previous_response_id: id });
          assert.equal(by(next), maker);
          id = idOf(next);
        }
      }
    });
  }

  it('follow ids in paths, of responses, conversations, files and batches', async () => {
    for (const [path, json] of [
      ['/v1/responses', { model: 'gpt-5', input: 'Hi' }],
      ['/v1/conversations', { metadata: {} }],
      ['/v1/files', { purpose: 'batch' }],
      ['/v1/batches', { endpoint: '/v1/responses' }],
    ] as const) {
      endpoints.first.letGo();
      const disabled = await gateway.control('POST', '/signalbox/endpoints/first/disable');
      assert.equal(disabled.status, 200);
      const id = idOf(await say('POST', path, json));
      await gateway.control('POST', '/signalbox/endpoints/first/enable');
      for (const tail of ['', '/input_items', '/content?limit=5', '/cancel']) {
        assert.equal(by(await say('GET', `${path}/${id}${tail}`)), 'second', path + tail);
      }
      assert.equal(by(await say('DELETE', `${path.slice(3)}/${id}`)), 'second', 'without /v1');
      assert.equal(by(await respond({ conversation: id })), 'second');
      assert.equal(by(await respond({ conversation: { id } })), 'second');
      assert.equal(by(await say('POST', '/v1/batches', { input_file_id: id })), 'second');
    }
  });

  it('follow files that are named anywhere in a conversation, in every API', async () => {
    for (const maker of ['first', 'second'] as const) {
      const other = maker === 'first' ? 'second' : 'first';
      assert.equal((await gateway.control('POST', `/signalbox/endpoints/${other}/disable`)).status, 200);
      const id = idOf(await say('POST', '/v1/files', { purpose: 'user_data' }));
      await gateway.control('POST', `/signalbox/endpoints/${other}/enable`);
      const content = [{ type: 'file', file: { file_id: id } }];
      for (let turn = 0; turn < 2; turn += 1) {
        const chat = { model: 'gpt-5', messages: [{ role: 'user', content }], n: turn + 1 };
        assert.equal(by(await say('POST', '/v1/chat/completions', chat)), maker);
        const output = [{ type: 'input_file', file_id: id }];
        const input = [{ type: 'function_call_output', call_id: 'call_1', output }];
        assert.equal(by(await respond({ input })), maker);
        const tools = [{ type: 'code_interpreter', container: { type: 'auto', file_ids: [id] } }];
        assert.equal(by(await respond({ tools })), maker);
      }
    }
  });

  it('are told clearly when that endpoint is out, and no other one is asked', async () => {
    const previous = await respond();
    const maker = String(by(previous));
    const asked = count;
    assert.equal((await gateway.control('POST', `/signalbox/endpoints/${maker}/disable`)).status, 200);
    const reply = await respond({ previous_response_id: idOf(previous) });
    assert.equal(reply.status, 503);
    assert.match(errorOf(reply).message, new RegExp(`only ${maker} has what this request refers to, and it is out`));
    assert.equal(reply.headers['x-should-retry'], 'false');
    assert.equal((await say('GET', `/v1/responses/${idOf(previous)}`)).status, 503);
    assert.equal(count, asked);
  });

  it('say when to come back while the breaker of that endpoint is open', async () => {
    const previous = await respond();
    const maker = by(previous) === 'first' ? 'first' : 'second';
    endpoints[maker].answer = (response) => void response.destroy();
    const failed = await respond({ previous_response_id: idOf(previous) });
    assert.equal(failed.status, 503);
    const reply = await respond({ previous_response_id: idOf(previous), stream: true });
    assert.equal(reply.status, 503);
    assert.ok(Number(reply.headers['retry-after']) >= 1, JSON.stringify(reply.headers));
  });

  it('outlive the process, without an id in the file', async () => {
    const answers = [await respond(), await respond({ stream: true })];
    await gateway.stop();
    assert.doesNotMatch(readFileSync(join(folder, 'state', 'state.json'), 'utf8'), /resp_/);
    await start();
    for (const previous of answers) {
      for (let turn = 0; turn < 2; turn += 1) {
        assert.equal(by(await respond({ previous_response_id: idOf(previous) })), by(previous));
      }
    }
  });

  it('go anywhere when nobody here made it, or the client had nothing stored', async () => {
    const unknown = await Promise.all([1, 2].map(() => respond({ previous_response_id: 'resp_of_another_time' })));
    assert.equal(new Set(unknown.map(by)).size, 2);
    const previous = await respond({ store: false });
    const next = [
      await respond({ previous_response_id: idOf(previous) }),
      await respond({ previous_response_id: idOf(previous) }),
    ];
    assert.equal(new Set(next.map(by)).size, 2);
  });
});

describe('F8: compaction of a session', () => {
  it('goes where the session is bound', async () => {
    const endpoints = [await startExactEndpoint(), await startExactEndpoint()];
    const item = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] };
    for (const [index, endpoint] of endpoints.entries()) {
      endpoint.answer = (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'x-by': String(index) });
        response.end(JSON.stringify({ id: 'resp_1', status: 'completed', output: [item] }));
      };
    }
    const gateway = await startInProcess({
      config: {
        clientToken: null,
        warmup: { onStart: false },
        strategy: 'roundRobin',
        endpoints: endpoints.map(({ url }, index) => {
          return { id: `e${index}`, dialect: 'openai', baseUrl: url, auth: 'none', priority: index + 1 };
        }),
      },
    });
    try {
      const say = async (path: string, session: string) => {
        const json = { model: 'gpt-5', input: 'Hi', store: false, prompt_cache_key: session };
        return (await ask(`${gateway.url}${path}`, { json })).headers['x-by'];
      };
      for (const session of ['a', 'b', 'c']) {
        const bound = await say('/v1/responses', session);
        assert.equal(await say('/v1/responses/compact', session), bound);
        assert.equal(await say('/v1/responses/input_tokens', session), bound);
      }
    } finally {
      await gateway.stop();
      await Promise.all(endpoints.map((one) => one.close()));
    }
  });
});
