import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import { type TestGateway, until } from '../../support/processes/startGateway.ts';
import { startInProcess } from '../../support/processes/startInProcess.ts';
import { ask } from '../../support/scenes/converse.ts';
import { errorMessage } from '../../support/scenes/errorShape.ts';
import { head, rawExchange } from '../../support/scenes/rawHttp.ts';
import { message } from '../../support/scenes/scene.ts';

const large = 400 * 1024 * 1024;

/** A client that writes what it likes. */
interface RawClient {
  readonly socket: Socket;
  /** All that has come. */
  text(): string;
  /** The connection has ended for this client. */
  hasEnded(): boolean;
}

describe('connections of clients', () => {
  let endpoint: ExactEndpoint;
  let gateway: TestGateway;
  /** The answers that the endpoint has not ended, in the order of the requests. */
  let open: ServerResponse[];
  let gone: number;

  before(async () => {
    endpoint = await startExactEndpoint();
    gateway = await startInProcess({
      config: {
        clientToken: null,
        warmup: { onStart: false },
        limits: { bodyBytes: 1024 * 1024 * 1024 },
        endpoints: [{ id: 'a', baseUrl: endpoint.url, auth: 'none', modelMap: { 'mapped-model': 'its-name' } }],
      },
      times: { headMs: 200, checkMs: 50 },
    });
  });
  beforeEach(() => {
    open = [];
    gone = 0;
    endpoint.answer = (response) => {
      open.push(response);
      response.on('close', () => {
        if (!response.writableFinished) gone += 1;
      });
    };
  });
  after(async () => {
    assert.equal(await gateway.stop(), 0);
    await endpoint.close();
  });

  function client(): RawClient {
    const socket = connect({ host: '127.0.0.1', port: gateway.port, allowHalfOpen: true });
    let text = '';
    let hasEnded = false;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        hasEnded = true;
      });
    }
    return { socket, text: () => text, hasEnded: () => hasEnded };
  }

  function request(line = 'POST /v1/messages', ...more: string[]): string {
    const body = JSON.stringify(message({ stream: line.endsWith('messages') }));
    const lines = [
      `host: 127.0.0.1:${gateway.port}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    return head(line, ...lines, ...more) + body;
  }

  const asked = (count: number) =>
    until(
      `${count} requests at the endpoint`,
      () => open.length,
      (length) => length === count,
    );
  const ended = (one: RawClient) => until('the end of the connection', one.hasEnded, (is) => is);
  const shows = (one: RawClient, what: string) => until(what, one.text, (text) => text.includes(what));

  const frames = ['message_start', 'content_block_start', 'content_block_delta'].map((type) => {
    const data = {
      type,
      index: 0,
      ...(type === 'message_start' && { message: { id: 'm', usage: { input_tokens: 1, output_tokens: 1 } } }),
      ...(type === 'content_block_start' && { content_block: { type: 'text', text: '' } }),
      ...(type === 'content_block_delta' && { delta: { type: 'text_delta', text: 'Hello' } }),
    };
    return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
  });
  const lastFrame = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
  const beginStream = (response: ServerResponse | undefined) => {
    response?.writeHead(200, { 'content-type': 'text/event-stream' });
    response?.write(frames.join(''));
  };
  const answerJson = (response: ServerResponse | undefined) => {
    response
      ?.writeHead(200, { 'content-type': 'application/json' })
      .end('{"type":"message","content":[{"type":"text","text":"Hi"}]}');
  };

  /** Nothing shows that something was noticed and not answered; the listener waits 200 ms for the rest of a head. */
  const noticed = () => new Promise((resolve) => setTimeout(resolve, 350));

  const behind: Readonly<Record<string, string>> = {
    garbage: '\x16\x03\x01 this is no HTTP\r\n\r\n',
    'a head that does not end': 'POST /v1/messages HTTP/1.1\r\nhost: ',
    'a head that is too large': `GET /v1/models HTTP/1.1\r\nx-large: ${'h'.repeat(64 * 1024)}`,
    'a body of no length': 'POST /v1/messages HTTP/1.1\r\ncontent-length: x\r\n\r\n',
  };
  for (const [what, bytes] of Object.entries(behind)) {
    it(`A3: ${what} behind a request leaves the answer under way alone, and the connection ends after it`, async () => {
      const one = client();
      one.socket.write(request());
      await asked(1);
      beginStream(open[0]);
      await shows(one, 'Hello');
      one.socket.write(bytes);
      await noticed();
      open[0]?.end(lastFrame);
      await ended(one);
      assert.match(one.text(), /message_stop/);
      assert.match(one.text(), /\r\n0\r\n\r\n$/);
      assert.equal(one.text().match(/HTTP\/1\.1/g)?.length, 1, one.text());
    });

    it(`A3: ${what} before the answer has begun is taken for no part of it either`, async () => {
      const one = client();
      one.socket.write(request() + bytes);
      await asked(1);
      await noticed();
      assert.equal(one.text(), '');
      answerStream(open[0]);
      await ended(one);
      assert.match(one.text(), /^HTTP\/1\.1 200 /);
      assert.equal(one.text().match(/HTTP\/1\.1/g)?.length, 1, one.text());
    });
  }

  it('A3: garbage in the body of a request is still told to its client', async () => {
    const bytes = head(
      'POST /v1/messages',
      `host: 127.0.0.1:${gateway.port}`,
      'content-type: application/json',
      'transfer-encoding: chunked',
    );
    const reply = await rawExchange(gateway.port, `${bytes}zz\r\n`);
    assert.equal(reply.status, 400);
  });

  it('A15: requests sent ahead are answered one at a time, in their order', async () => {
    const one = client();
    one.socket.write(request() + request('POST /v1/messages') + request('GET /v1/files').replace(/\{.*$/s, ''));
    await asked(1);
    assert.equal((await gateway.status()).endpoints[0]?.inFlight, 1);
    beginStream(open[0]);
    await shows(one, 'Hello');
    assert.equal(open.length, 1);
    open[0]?.end(lastFrame);
    await asked(2);
    one.socket.destroy();
    await until(
      'the endpoint is left',
      () => gone,
      (count) => count === 1,
    );
  });

  it('A15: those whose client leaves are never sent, and the running one is let go within moments', async () => {
    const one = client();
    one.socket.write(request() + request() + request());
    await asked(1);
    beginStream(open[0]);
    await shows(one, 'Hello');
    const leftAt = performance.now();
    one.socket.destroy();
    await until(
      'the endpoint is left',
      () => gone,
      (count) => count === 1,
    );
    const afterMs = performance.now() - leftAt;
    await gateway.until('nothing runs', ({ totals }) => totals.inFlight === 0);
    assert.equal(open.length, 1, `left after ${afterMs} ms`);
    // A slot for load that is never given back would keep the gateway from its end.
    const { gateway: self } = await gateway.status();
    assert.equal(self.isDraining, false);
  });

  it('A15: the same before the answer has begun', async () => {
    const one = client();
    one.socket.write(request() + request());
    await asked(1);
    one.socket.destroy();
    await until(
      'the endpoint is left',
      () => gone,
      (count) => count === 1,
    );
    await gateway.until('nothing runs', ({ totals }) => totals.inFlight === 0);
    assert.equal(open.length, 1);
  });

  for (const stream of [true, false]) {
    it(`A21: a client that ends its half after its request gets its answer (${stream ? 'stream' : 'JSON'})`, async () => {
      const one = client();
      one.socket.end(request(stream ? undefined : 'POST /v1/messages/'));
      await asked(1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(gone, 0);
      if (stream) {
        beginStream(open[0]);
        await shows(one, 'Hello');
        open[0]?.end(lastFrame);
      } else answerJson(open[0]);
      await ended(one);
      const text = one.text().replaceAll('HTTP/1.1 100 Continue\r\n\r\n', '');
      assert.match(text, /^HTTP\/1\.1 200 /);
      assert.match(text, stream ? /message_stop/ : /"Hi"/);
      assert.equal(gone, 0);
    });
  }

  it('A21: so does one that sent two requests, and one of HTTP/1.0', async () => {
    const two = client();
    two.socket.end(request() + request());
    await asked(1);
    answerStream(open[0]);
    await asked(2);
    answerStream(open[1]);
    await ended(two);
    assert.equal(two.text().match(/HTTP\/1\.1 200 /g)?.length, 2);
    const old = client();
    old.socket.end(request('POST /v1/messages/').replace('HTTP/1.1', 'HTTP/1.0'));
    await asked(3);
    answerJson(open[2]);
    await ended(old);
    assert.match(old.text(), /^HTTP\/1\.[01] 200 /);
  });

  function answerStream(response: ServerResponse | undefined): void {
    beginStream(response);
    response?.end(lastFrame);
  }

  it('A21: a client that leaves before the answer has begun is still let go at once', async () => {
    const one = client();
    one.socket.write(request());
    await asked(1);
    one.socket.destroy();
    await until(
      'the endpoint is left',
      () => gone,
      (count) => count === 1,
    );
  });

  const declared = (bytes: number) =>
    head(
      'POST /v1/messages',
      `host: 127.0.0.1:${gateway.port}`,
      'content-type: application/json',
      `content-length: ${bytes}`,
      'expect: 100-continue',
    );

  it('A18: bodies that are too large together are refused before they are read, and taken once there is room', async () => {
    const one = client();
    one.socket.write(declared(large));
    await shows(one, '100 Continue');
    const reply = await rawExchange(gateway.port, declared(large));
    assert.equal(reply.status, 503);
    assert.equal(reply.headers['retry-after'], '1');
    assert.doesNotMatch(reply.text, / 100 /);
    assert.match(errorMessage('anthropic', reply.body), /bodies/);
    const small = client();
    small.socket.write(request());
    await asked(1);
    answerStream(open[0]);
    await shows(small, 'message_stop');
    small.socket.destroy();
    one.socket.destroy();
    await gateway.until('there is room', ({ totals }) => totals.inFlight === 0);
    const next = client();
    next.socket.write(declared(large));
    await shows(next, '100 Continue');
    next.socket.destroy();
  });

  it('A18: a body that is copied for another name of its model counts twice', async () => {
    const one = client();
    one.socket.write(declared(500 * 1024 * 1024));
    await shows(one, '100 Continue');
    const say = (model: string) => {
      const json = message({ model, stream: true, metadata: { user_id: 'x'.repeat(8 * 1024 * 1024) } });
      return ask(`${gateway.url}/v1/messages`, { json });
    };
    const refused = await say('mapped-model');
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '1');
    assert.match(errorMessage('anthropic', refused.text), /bodies/);
    assert.equal(open.length, 0);
    const taken = say('other-model');
    await asked(1);
    answerStream(open[0]);
    assert.equal((await taken).status, 200);
    one.socket.destroy();
    await gateway.until('there is room', ({ totals }) => totals.inFlight === 0);
    const alone = say('mapped-model');
    await asked(2);
    answerStream(open[1]);
    assert.equal((await alone).status, 200);
  });

  it('A18: one that is larger than all may be together is taken while it is alone', async () => {
    await until(
      'there is room',
      async () => {
        const one = client();
        one.socket.write(declared(600 * 1024 * 1024));
        await until('an answer', one.text, (text) => text !== '');
        one.socket.destroy();
        return one.text();
      },
      (text) => text.includes('100 Continue'),
    );
  });
});
