import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import {
  chat,
  messages,
  messagesJson,
  open,
  rawPost,
  send,
  sendRaw,
  withEndpoint,
  withKeptConnection,
} from './client.ts';

const models = { path: '/v1/models?limit=1000', method: 'GET' };
const anthropicVersion = { 'anthropic-version': '2023-06-01' };

describe('what a simulated endpoint sees', () => {
  it(
    'is every request: method, path with query, headers as they came, body, socket',
    withEndpoint(async (endpoint) => {
      const body = Buffer.from('{"stream":false,"x":"\u00fc"}');
      await withKeptConnection(async (agent) => {
        await send(endpoint, { ...messages, body, agent, headers: { 'X-Case': 'Kept' } });
        await send(endpoint, { ...models, agent });
      });
      const [first, second] = endpoint.seen;
      assert.equal(first?.method, 'POST');
      assert.equal(first?.path, '/v1/messages?beta=true');
      assert.ok(first?.rawHeaders.includes('X-Case'));
      assert.equal(first?.headers['x-case'], 'Kept');
      assert.ok(first?.body.equals(body));
      assert.deepEqual([first?.socketId, first?.nthOnSocket, second?.socketId, second?.nthOnSocket], [1, 1, 1, 2]);
      await Promise.all(endpoint.seen.map(({ closed }) => closed));
      assert.ok((first?.endedAtMs ?? 0) >= (first?.atMs ?? Infinity));
      assert.equal(first?.outcome, 'answered');
      assert.equal(endpoint.connections.accepted, 1);
    }),
  );

  it(
    'is also a client that leaves while it sends, with what had come of the body',
    withEndpoint(async (endpoint) => {
      const sending = open(endpoint, { ...messages, headers: { 'content-length': '1000' }, body: 'abc' });
      sending.request.once('finish', () => sending.request.destroy());
      await endpoint.seenCount(1);
      await endpoint.seen[0]?.closed;
      assert.equal(endpoint.seen[0]?.outcome, 'aborted');
      assert.ok('abc'.startsWith(String(endpoint.seen[0]?.body)));
    }),
  );

  it(
    'is also a client that leaves in the middle of a paced answer, which stops there',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'healthy', textEvents: 10_000, eventDelayMs: 5 });
      const going = open(endpoint);
      await going.until(({ body }) => body.length > 500);
      going.request.destroy();
      const [seen] = endpoint.seen;
      await seen?.closed;
      assert.equal(seen?.outcome, 'aborted');
      assert.ok((seen?.bytesSent ?? 0) < 100_000);
      assert.equal(endpoint.connections.open, 0);
    }),
  );

  it(
    'can be waited for, with a deadline',
    withEndpoint(async (endpoint) => {
      const two = endpoint.seenCount(2);
      await send(endpoint);
      await send(endpoint);
      await two;
      await endpoint.seenCount(2);
      await assert.rejects(endpoint.seenCount(3, 10), /saw 2 of 3 requests in 10 ms/);
      endpoint.forgetSeen();
      assert.equal(endpoint.seen.length, 0);
      await assert.rejects(endpoint.seenCount(1, 10), /saw 0 of 1/);
      const never = assert.rejects(endpoint.seenCount(9), /closed after 0 of 9/);
      await endpoint.close();
      await never;
    }),
  );

  it(
    'is bounded in number and in bytes; the newest stays whole',
    withEndpoint(
      async (endpoint) => {
        for (const path of ['/a', '/b', '/c']) await send(endpoint, { path, body: 'x'.repeat(10) });
        assert.deepEqual(
          endpoint.seen.map(({ path, body }) => [path, body.length]),
          [
            ['/b', 0],
            ['/c', 10],
          ],
        );
      },
      { keptRequests: 2, keptBodiesBytes: 15 },
    ),
  );
});

describe('what a simulated endpoint does', () => {
  it(
    'is chosen by the function, then by the queue, then by the default',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'status', status: 500 });
      endpoint.behaveNext({ kind: 'status', status: 501 }, { kind: 'status', status: 502 });
      endpoint.behaveBy(({ body }) => (body.includes('"pick"') ? { kind: 'status', status: 503 } : undefined));
      const statuses: number[] = [];
      for (const model of ['pick', 'a', 'pick', 'b', 'c']) {
        statuses.push((await send(endpoint, { ...messages, body: { model } })).status);
      }
      assert.deepEqual(statuses, [503, 501, 503, 502, 500]);
      endpoint.behaveBy(undefined);
      endpoint.behave({ kind: 'healthy' });
      assert.equal((await send(endpoint, { ...messages, body: { model: 'pick' } })).status, 200);
    }),
  );

  it(
    'holds for every chargeable path below any base path, and leaves the model list alone unless told',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'status', status: 529 });
      for (const end of ['messages', 'messages/count_tokens', 'chat/completions', 'responses', 'embeddings']) {
        assert.equal((await send(endpoint, { path: `/some/base/v1/${end}` })).status, 529, end);
      }
      assert.equal((await send(endpoint, models)).status, 200);
      endpoint.behaveNext({ kind: 'cut', at: 'onHead', how: 'rst' });
      assert.equal((await send(endpoint, models)).status, 200);
      endpoint.behave({ kind: 'status', status: 500, alsoModels: true });
      assert.equal((await send(endpoint, models)).status, 500);
      assert.equal((await send(endpoint)).error, 'ECONNRESET');
    }),
  );

  it(
    'is a visible 500 when the script itself is at fault',
    withEndpoint(async (endpoint) => {
      endpoint.behaveBy(() => {
        throw new Error('typo');
      });
      const { status, body } = await send(endpoint);
      assert.equal(status, 500);
      assert.match(body.toString(), /script failed: Error: typo/);
    }),
  );

  it(
    'is the model list in the shape of whoever asks',
    withEndpoint(
      async (endpoint) => {
        const anthropic = JSON.parse((await send(endpoint, { ...models, headers: anthropicVersion })).body.toString());
        assert.deepEqual(
          anthropic.data.map(({ type, id }: { type: string; id: string }) => [type, id]),
          [
            ['model', 'claude-a'],
            ['model', 'claude-b'],
          ],
        );
        assert.deepEqual([anthropic.has_more, anthropic.first_id, anthropic.last_id], [false, 'claude-a', 'claude-b']);
        const openai = JSON.parse((await send(endpoint, models)).body.toString());
        assert.equal(openai.object, 'list');
        assert.equal(openai.data[0].object, 'model');
      },
      { models: ['claude-a', 'claude-b'] },
    ),
  );

  it(
    'is a 404 or 405 in the dialect of the request for what it does not know',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'status', status: 529 });
      const lost = await send(endpoint, { path: '/v1/files', method: 'GET', headers: anthropicVersion });
      assert.deepEqual([lost.status, JSON.parse(lost.body.toString()).error.type], [404, 'not_found_error']);
      const other = await send(endpoint, { path: '/v1/files' });
      assert.deepEqual([other.status, JSON.parse(other.body.toString()).type], [404, undefined]);
      assert.equal((await send(endpoint, { ...messages, method: 'GET' })).status, 405);
      assert.equal((await send(endpoint, { path: '/', method: 'HEAD' })).status, 404);
    }),
  );

  it(
    'is a 401 without the right key, or with both headers, before any script',
    withEndpoint(
      async (endpoint) => {
        endpoint.behaveNext({ kind: 'status', status: 529 });
        const key = { 'x-api-key': 'fake-key-1' };
        const bearer = { authorization: 'Bearer fake-key-1' };
        const ask = async (headers: Record<string, string>, sent = messagesJson) => {
          const { status, body } = await send(endpoint, { ...sent, headers });
          return [status, JSON.parse(body.toString()).error?.message];
        };
        assert.deepEqual(await ask({}), [401, 'x-api-key header is required']);
        assert.deepEqual(await ask({ 'x-api-key': 'fake-key-2' }), [401, 'invalid x-api-key']);
        assert.deepEqual(await ask({ authorization: 'Bearer fake-key-2' }), [401, 'Invalid bearer token']);
        assert.equal((await ask({ ...key, ...bearer }))[0], 401);
        assert.deepEqual(await ask({}, chat), [401, "You didn't provide an API key."]);
        assert.equal((await send(endpoint, { ...models, headers: anthropicVersion })).status, 401);
        assert.equal((await ask(key))[0], 529);
        assert.equal((await ask(bearer))[0], 200);
      },
      { apiKey: 'fake-key-1' },
    ),
  );

  it(
    'takes the key in one header only when told which',
    withEndpoint(
      async (endpoint) => {
        assert.equal((await send(endpoint, { ...messages, headers: { 'x-api-key': 'fake-key-1' } })).status, 401);
        const headers = { authorization: 'Bearer fake-key-1' };
        assert.equal((await send(endpoint, { ...messages, headers })).status, 200);
      },
      { apiKey: 'fake-key-1', auth: 'bearer' },
    ),
  );
});

describe('the life of a simulated endpoint', () => {
  it(
    'has times of refusing: connections are destroyed, new ones refused, then all is well again on the same port',
    withEndpoint(async (endpoint) => {
      const { port } = endpoint;
      endpoint.behaveNext({ kind: 'hang', at: 'afterHeaders' });
      const going = open(endpoint);
      await going.until(({ status }) => status === 200);
      await endpoint.refuse();
      assert.equal((await going.over).error, 'ECONNRESET');
      assert.equal(endpoint.connections.open, 0);
      assert.equal((await send(endpoint)).error, 'ECONNREFUSED');
      await endpoint.refuse();
      await endpoint.listenAgain();
      await endpoint.listenAgain();
      assert.equal(endpoint.port, port);
      assert.equal((await send(endpoint)).status, 200);
    }),
  );

  it(
    'begins with an error when the port is taken',
    withEndpoint(async (endpoint) => {
      await assert.rejects(startSimulatedEndpoint({ port: endpoint.port }), { code: 'EADDRINUSE' });
    }),
  );

  it(
    'closes idle connections after the time it is told',
    withEndpoint(
      async (endpoint) => {
        const { bytes, closedBy } = await sendRaw(endpoint.port, rawPost('/v1/messages', {}));
        assert.match(bytes, /^HTTP\/1\.1 200 /);
        assert.equal(closedBy, 'fin');
      },
      { keepAliveMs: 20 },
    ),
  );

  it('leaves nothing behind: a process that closes it in the middle of everything ends by itself', async () => {
    const module = new URL('../../../src/simulated/simulatedEndpoint.ts', import.meta.url).href;
    const program = `
      import { startSimulatedEndpoint } from ${JSON.stringify(module)};
      const endpoint = await startSimulatedEndpoint();
      endpoint.behaveNext(
        { kind: 'hang', at: 'beforeHeaders' },
        { kind: 'hang', at: { afterEvents: 1 }, pingEveryMs: 60_000 },
        { kind: 'healthy', eventDelayMs: 60_000 },
        { kind: 'healthy', firstByteDelayMs: 60_000 },
      );
      const ask = () => fetch(endpoint.url + '/v1/messages', { method: 'POST', body: '{"stream":true}' })
        .then((response) => response.text()).catch(() => 'broken');
      const asked = [ask(), ask(), ask(), ask()];
      endpoint.seenCount(100, 60_000).catch(() => undefined);
      await endpoint.seenCount(4);
      await endpoint.close();
      await endpoint.close();
      console.log((await Promise.all(asked)).join());
      console.log(endpoint.seen.map(({ outcome }) => outcome).join(), endpoint.connections.open);
    `;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 15_000 });
    assert.equal((await run).stdout, 'broken,broken,broken,broken\ncut,cut,cut,cut 0\n');
  });
});
