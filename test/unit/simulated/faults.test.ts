import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import type { Answer, CutHow, Point } from '../../../src/simulated/behaviour.ts';
import {
  chat,
  chatJson,
  eventData,
  eventNames,
  messages,
  messagesJson,
  open,
  rawPost,
  responses,
  type Sent,
  send,
  sendRaw,
  withEndpoint,
  withKeptConnection,
} from './client.ts';

const answer: Answer = { first: 'thinking', text: 'one two three' };
const start = ['message_start', 'content_block_start'];
const delta = 'content_block_delta';
const thought = [...start, delta, delta, delta, delta, 'content_block_stop'];
const spoken = [...thought, 'content_block_start', delta, delta, delta, 'content_block_stop'];

/** Where a Messages stream is broken -> the whole events before, and whether half an event follows. */
const places: [Point, string[], boolean][] = [
  ['afterHeaders', [], false],
  ['midStart', ['message_start'], true],
  ['afterStart', ['message_start'], false],
  [{ afterEvents: 0 }, start, false],
  [{ afterEvents: 2 }, [...start, delta, delta], false],
  [{ midEvent: 1 }, [...start, delta, delta], true],
  [{ afterBlocks: 1 }, thought, false],
  [{ afterEvents: 5 }, [...thought, 'content_block_start', delta], false],
  [{ afterBlocks: 2 }, spoken, false],
  ['beforeStop', spoken, false],
  ['beforeTerminal', [...spoken, 'message_delta'], false],
  ['midTerminal', [...spoken, 'message_delta', 'message_stop'], true],
];

describe('a simulated endpoint that cuts', () => {
  for (const how of ['rst', 'fin', 'eof'] as const) {
    for (const [at, names, hasHalf] of places) {
      it(
        `a Messages stream at ${JSON.stringify(at)} by ${how}`,
        withEndpoint(async (endpoint) => {
          endpoint.behave({ kind: 'cut', at, how, answer });
          const { status, body, error } = await send(endpoint);
          assert.equal(status, 200);
          assert.equal(error, how === 'eof' ? undefined : 'ECONNRESET');
          assert.deepEqual(eventNames(body), names);
          assert.equal(body.length > 0 && !body.toString().endsWith('\n\n'), hasHalf);
          await endpoint.seen[0]?.closed;
          assert.equal(endpoint.seen[0]?.outcome, 'cut');
          assert.equal(endpoint.seen[0]?.bytesSent, body.length);
        }),
      );
    }
  }

  for (const at of ['onHead', 'beforeHeaders'] as const) {
    it(
      `before the headers (${at}): no byte comes`,
      withEndpoint(async (endpoint) => {
        for (const how of ['rst', 'fin', 'eof'] as const) {
          endpoint.behave({ kind: 'cut', at, how });
          const post = rawPost('/v1/messages', messages.body);
          const seen = await sendRaw(endpoint.port, at === 'onHead' ? post.split('{', 1).join('') : post);
          assert.deepEqual(seen, { bytes: '', closedBy: how === 'rst' ? 'rst' : 'fin' });
          assert.equal(endpoint.seen.at(-1)?.body.length, at === 'onHead' ? 0 : JSON.stringify(messages.body).length);
        }
        assert.equal((await send(endpoint)).error, 'ECONNRESET');
      }),
    );
  }

  it(
    'in ways that differ on the wire: RST, FIN without the last chunk, the last chunk',
    withEndpoint(async (endpoint) => {
      const post = rawPost('/v1/messages', messages.body).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
      const wire = async (how: CutHow) => {
        endpoint.behave({ kind: 'cut', at: { afterEvents: 1 }, how });
        const { bytes, closedBy } = await sendRaw(endpoint.port, post);
        return [closedBy, bytes.endsWith('\r\n0\r\n\r\n')];
      };
      assert.deepEqual(await wire('rst'), ['rst', false]);
      assert.deepEqual(await wire('fin'), ['fin', false]);
      assert.deepEqual(await wire('eof'), ['fin', true]);
    }),
  );

  it(
    'Chat and Responses streams at the same places',
    withEndpoint(async (endpoint) => {
      const data = async (at: Point, sent: Sent) => {
        endpoint.behave({ kind: 'cut', at, how: 'eof', answer: { text: 'one two three' } });
        return JSON.stringify(eventData((await send(endpoint, sent)).body));
      };
      assert.match(await data('afterStart', chat), /^\[[^\]]*"role":"assistant"[^\]]*\]\}\]$/);
      assert.match(await data({ afterEvents: 2 }, chat), /two/);
      assert.doesNotMatch(await data({ afterEvents: 2 }, chat), /three/);
      assert.match(await data('beforeTerminal', chat), /"finish_reason":"stop"\}\]\}\]$/);
      assert.doesNotMatch(await data('beforeStop', chat), /"finish_reason":"stop"/);
      endpoint.behave({ kind: 'cut', at: 'midTerminal', how: 'eof' });
      assert.match((await send(endpoint, chat)).body.toString(), /\n\ndata: \[$/);
      assert.match(await data('afterStart', responses), /^\[\{"type":"response.created".*"usage":null\}\}\]$/);
      assert.doesNotMatch(await data('beforeTerminal', responses), /response\.completed/);
      assert.match(await data('beforeTerminal', responses), /response\.output_item\.done/);
    }),
  );

  it(
    'a JSON answer: half of the body, or a clean end after half of it',
    withEndpoint(async (endpoint) => {
      const { headers, body } = await send(endpoint, messagesJson);
      for (const how of ['rst', 'fin'] as const) {
        endpoint.behave({ kind: 'cut', at: { afterEvents: 1 }, how });
        const cut = await send(endpoint, messagesJson);
        assert.equal(cut.error, 'ECONNRESET');
        assert.equal(cut.headers['content-length'], headers['content-length']);
        assert.equal(cut.body.length, Math.floor(body.length / 2));
      }
      endpoint.behave({ kind: 'cut', at: 'midStart', how: 'eof' });
      const ended = await send(endpoint, messagesJson);
      assert.equal(ended.error, undefined);
      assert.equal(ended.body.length, Math.floor(body.length / 2));
      endpoint.behave({ kind: 'cut', at: 'afterHeaders', how: 'rst' });
      const empty = await send(endpoint, messagesJson);
      assert.deepEqual([empty.status, empty.body.length, empty.error], [200, 0, 'ECONNRESET']);
    }),
  );
});

describe('a simulated endpoint that hangs', () => {
  const cases: [Point, (seen: { status: number; names: string[] }) => boolean][] = [
    ['afterHeaders', ({ status }) => status === 200],
    ['afterStart', ({ names }) => names.length === 1],
    [{ afterEvents: 2 }, ({ names }) => names.length === 4],
  ];
  for (const [at, isThere] of cases) {
    it(
      `at ${JSON.stringify(at)} until the client leaves`,
      withEndpoint(async (endpoint) => {
        endpoint.behave({ kind: 'hang', at });
        const going = open(endpoint);
        await going.until(({ status, body }) => isThere({ status, names: eventNames(body) }));
        assert.equal(endpoint.seen[0]?.outcome, 'pending');
        going.request.destroy();
        await endpoint.seen[0]?.closed;
        assert.equal(endpoint.seen[0]?.outcome, 'aborted');
        assert.equal(endpoint.seen[0]?.abortedAtMs, endpoint.seen[0]?.endedAtMs);
      }),
    );
  }

  it(
    'before the headers, with the request complete or unread',
    withEndpoint(async (endpoint) => {
      for (const at of ['beforeHeaders', 'onHead'] as const) {
        endpoint.behave({ kind: 'hang', at });
        endpoint.forgetSeen();
        const going = open(endpoint);
        await endpoint.seenCount(1);
        assert.equal(endpoint.seen[0]?.body.length === 0, at === 'onHead');
        assert.equal(going.received.status, 0);
        going.request.destroy();
        await endpoint.seen[0]?.closed;
        assert.equal(endpoint.seen[0]?.outcome, 'aborted');
      }
    }),
  );

  it(
    'with pings that keep coming',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'hang', at: { afterEvents: 1 }, pingEveryMs: 5 });
      const going = open(endpoint);
      await going.until(({ body }) => eventNames(body).filter((name) => name === 'ping').length >= 3);
      assert.equal(endpoint.seen[0]?.outcome, 'pending');
    }),
  );

  it(
    'until it is closed itself, which is a cut',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'hang', at: 'afterHeaders' });
      const going = open(endpoint);
      await going.until(({ status }) => status === 200);
      await endpoint.close();
      assert.equal((await going.over).error, 'ECONNRESET');
      assert.equal(endpoint.seen[0]?.outcome, 'cut');
    }),
  );

  it(
    'after the terminal event: all is there, the body never ends',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'keepOpen' });
      const stream = open(endpoint);
      await stream.until(({ body }) => body.toString().endsWith('data: {"type":"message_stop"}\n\n'));
      const json = open(endpoint, messagesJson);
      await json.until(({ body }) => body.toString().endsWith('}}'));
      assert.equal(json.received.headers['content-length'], undefined);
      assert.deepEqual(
        endpoint.seen.map(({ outcome }) => outcome),
        ['pending', 'pending'],
      );
    }),
  );
});

describe('a simulated endpoint with an error in its stream', () => {
  const error = { kind: 'streamError', errorType: 'overloaded_error' } as const;

  it(
    'sends it in place of the first event, after it, or after content, and ends cleanly',
    withEndpoint(async (endpoint) => {
      const names = async (at: 'afterHeaders' | 'afterStart' | { afterEvents: number }) => {
        endpoint.behave({ ...error, at });
        const { body, error: failure } = await send(endpoint);
        assert.equal(failure, undefined);
        assert.match(body.toString(), /"error":\{"type":"overloaded_error","message":"Overloaded"\}/);
        return eventNames(body);
      };
      assert.deepEqual(await names('afterHeaders'), ['error']);
      assert.deepEqual(await names('afterStart'), ['message_start', 'error']);
      assert.deepEqual(await names({ afterEvents: 1 }), [...start, delta, 'error']);
    }),
  );

  it(
    'sends the data line alone when asked, or breaks off after the error',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ ...error, at: 'afterStart', form: 'dataOnly', ending: 'rst' });
      const received = await send(endpoint);
      assert.deepEqual(eventNames(received.body), ['message_start']);
      assert.match(received.body.toString(), /\n\ndata: \{"type":"error"/);
      assert.equal(received.error, 'ECONNRESET');
    }),
  );

  it(
    'speaks Chat and both forms of Responses',
    withEndpoint(async (endpoint) => {
      const failure = { kind: 'streamError', errorType: 'server_error', message: 'boom', at: 'afterStart' } as const;
      endpoint.behave(failure);
      assert.match(
        (await send(endpoint, chat)).body.toString(),
        /data: \{"error":\{"message":"boom","type":"server_error","param":null,"code":null\}\}\n\n$/,
      );
      const plain = (await send(endpoint, responses)).body;
      assert.deepEqual(eventNames(plain), ['response.created', 'error']);
      assert.deepEqual(eventData(plain)[1], {
        type: 'error',
        code: 'server_error',
        message: 'boom',
        param: null,
        sequence_number: 1,
      });
      endpoint.behave({ ...failure, form: 'failed' });
      const failed = (await send(endpoint, responses)).body;
      assert.deepEqual(eventNames(failed), ['response.created', 'response.failed']);
      assert.match(failed.toString(), /"status":"failed","error":\{"code":"server_error","message":"boom"\}/);
    }),
  );

  it(
    'answers a request that does not stream with the status of that error',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ ...error, at: 'afterStart' });
      assert.equal((await send(endpoint, messagesJson)).status, 529);
      assert.equal((await send(endpoint, chatJson)).status, 529);
    }),
  );
});

describe('a simulated endpoint that breaks the rules', () => {
  it(
    'writes raw bytes to the socket and closes',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'rawResponse', bytes: 'SSH-2.0-nonsense\r\n' });
      const post = rawPost('/v1/messages', messages.body);
      assert.deepEqual(await sendRaw(endpoint.port, post), { bytes: 'SSH-2.0-nonsense\r\n', closedBy: 'fin' });
      assert.match(String((await send(endpoint)).error), /^HPE_/);
      await endpoint.seen[1]?.closed;
      assert.equal(endpoint.seen[1]?.outcome, 'answered');
      assert.equal(endpoint.seen[1]?.bytesSent, 18);

      endpoint.behave({ kind: 'rawResponse', bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort' });
      const lying = await send(endpoint);
      assert.deepEqual([lying.status, lying.body.toString(), lying.error], [200, 'short', 'ECONNRESET']);
      endpoint.behave({ kind: 'rawResponse', bytes: 'HTTP/1.1 200 OK\r\n', ending: 'rst' });
      assert.equal((await sendRaw(endpoint.port, post)).closedBy, 'rst');
    }),
  );

  it(
    'lies about its encoding',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'healthy', headers: { 'content-encoding': 'gzip' } });
      const { headers, body } = await send(endpoint, messagesJson);
      assert.equal(headers['content-encoding'], 'gzip');
      assert.throws(() => gunzipSync(body));
    }),
  );

  it(
    'redirects',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'redirect', location: 'http://192.0.2.1/elsewhere' });
      const { status, headers, body } = await send(endpoint);
      assert.deepEqual([status, headers.location, body.length], [307, 'http://192.0.2.1/elsewhere', 0]);
    }),
  );

  it(
    'resets a reused connection as soon as a request comes, and serves a fresh one',
    withEndpoint(async (endpoint) => {
      endpoint.behave({ kind: 'staleSocket' });
      await withKeptConnection(async (agent) => {
        assert.equal((await send(endpoint, { ...messages, agent })).status, 200);
        assert.equal((await send(endpoint, { ...messages, agent })).error, 'ECONNRESET');
        assert.equal((await send(endpoint, { ...messages, agent })).status, 200);
      });
      assert.deepEqual(
        endpoint.seen.map(({ socketId, nthOnSocket, outcome }) => [socketId, nthOnSocket, outcome]),
        [
          [1, 1, 'answered'],
          [1, 2, 'cut'],
          [2, 1, 'answered'],
        ],
      );
    }),
  );

  it(
    'answers before the body is there, and keeps or closes the connection',
    withEndpoint(async (endpoint) => {
      const early = { kind: 'status', status: 413 } as const;
      const head = 'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{';
      endpoint.behave({ kind: 'earlyAnswer', answer: early, ending: 'close' });
      const closed = await sendRaw(endpoint.port, head);
      assert.match(closed.bytes, /^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*"request_too_large"/i);
      assert.equal(endpoint.seen[0]?.body.length, 0);

      endpoint.behave({ kind: 'earlyAnswer', answer: early });
      await withKeptConnection(async (agent) => {
        const body = Buffer.alloc(2_000_000, 32);
        assert.equal((await send(endpoint, { ...messages, body, agent })).status, 413);
        endpoint.behave({ kind: 'healthy' });
        assert.equal((await send(endpoint, { ...messages, agent })).status, 200);
      });
      assert.deepEqual(
        endpoint.seen.map(({ socketId }) => socketId),
        [1, 2, 2],
      );
    }),
  );
});
