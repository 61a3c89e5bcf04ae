import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { AttemptResult } from '../../../src/core/outcome/outcome.ts';
import type { PassingAnswer } from '../../../src/proxy/answer/passingAnswer.ts';
import { runAttempt } from '../../../src/proxy/attemptRun.ts';
import type { Endpoint } from '../../../src/proxy/dataPath.ts';
import type { Exchange } from '../../../src/proxy/exchange.ts';
import { type Passage, passThrough, type ReadError } from '../../../src/proxy/passage.ts';
import { requestRun } from '../../../src/proxy/requestRun.ts';
import type { Attempt } from '../../../src/proxy/upstream/attempt.ts';
import { evidenceOf } from '../../support/evidenceOf.ts';
import { exchangeRig } from './proxyRig.ts';

/** An endpoint with a language of its own: it is shouted at, answers in lines, and closes with a line that counts them. */
class ShoutedPassage implements Passage {
  readonly endpoint: Endpoint;
  readonly request: Passage['request'];

  constructor({ fields }: Exchange, endpoint: Endpoint) {
    this.endpoint = endpoint;
    const body = Buffer.from(fields.body.toString('utf8').toUpperCase());
    this.request = { method: 'POST', path: '/shout', headers: ['content-type', 'text/plain'], body };
  }

  async readError(_attempt: Attempt, _status: number, body: Buffer): Promise<ReadError> {
    const message = body.toString('utf8');
    const evidence = evidenceOf({ type: 'tired', message });
    const answer = {
      status: 429,
      evidence,
      stream: undefined,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ message })),
    };
    return { evidence, answer };
  }

  headFailure(attempt: Attempt): AttemptResult | undefined {
    const isPlain = attempt.header('content-type') === 'text/plain';
    return isPlain ? undefined : { kind: 'malformed', reason: { code: 'notApiAnswer', status: 200 } };
  }

  headers(): string[] {
    return ['content-type', 'text/event-stream'];
  }

  answer(attempt: Attempt): PassingAnswer {
    return new LinesAnswer(attempt);
  }
}

/** Lines become events; a line that only says `wait` becomes none, `help` is a failure, `=n` is the end and counts n tokens. */
class LinesAnswer implements PassingAnswer {
  readonly beginning = undefined;
  readonly failedStream = undefined;
  usage: PassingAnswer['usage'];
  readonly #attempt: Attempt;
  #text = '';
  #events = '';
  #hasEnded = false;
  #error: AttemptResult | undefined;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  hold(): Promise<AttemptResult | undefined> {
    return new Promise((resolve) => {
      const decide = (failure: AttemptResult | undefined): void => {
        this.#attempt.unpipe();
        resolve(failure);
      };
      this.#attempt.pipe({
        data: (chunk) => {
          this.#read(chunk);
          if (this.#error !== undefined || this.#events !== '') decide(this.#error);
        },
        end: () => decide({ kind: 'truncated', phase: 'prelude' }),
        failed: decide,
      });
    });
  }

  write(response: ServerResponse): Promise<AttemptResult> {
    return new Promise((resolve) => {
      const finish = (result: AttemptResult, last: string): void => {
        this.#attempt.unpipe();
        this.#attempt.abort(result);
        response.end(last);
        resolve(result);
      };
      const pass = (): void => {
        if (this.#hasEnded) finish({ kind: 'success' }, `${this.#events}event: done\n\n`);
        else if (this.#events !== '') response.write(Buffer.from(this.#events));
        this.#events = '';
      };
      const broken = (result: AttemptResult): void => finish(result, 'event: broken\n\n');
      pass();
      if (this.#hasEnded) return;
      this.#attempt.pipe({
        data: (chunk) => {
          this.#read(chunk);
          pass();
        },
        end: () => broken({ kind: 'truncated', phase: 'content' }),
        failed: broken,
      });
    });
  }

  #read(chunk: Buffer): void {
    const lines = `${this.#text}${chunk}`.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('=')) this.#end(Number(line.slice(1)));
      else if (line === 'help') this.#error = streamError;
      else if (line !== 'wait') this.#events += `data: ${line.toLowerCase()}\n\n`;
    }
  }

  #end(outputTokens: number): void {
    this.#hasEnded = true;
    this.usage = { inputTokens: undefined, outputTokens, cacheReadTokens: undefined, cacheWriteTokens: undefined };
  }
}

const streamError: AttemptResult = {
  kind: 'streamError',
  phase: 'prelude',
  place: 'stream',
  error: evidenceOf({ type: 'tired', message: 'help' }),
};

const clients: { destroy(): unknown }[] = [];

/** One attempt with such a passage, under way. */
function shouting() {
  const rig = exchangeRig({ model: 'claude-sonnet-4-5', stream: true });
  const { exchange, endpoint, client } = rig;
  clients.push(client);
  const chosen = { kind: 'chosen', endpoint: endpoint.state, reason: { code: 'onlyOne' }, movesSession: true } as const;
  const permit = endpoint.state.acquire(exchange.dataPath.clock.now());
  const passage = new ShoutedPassage(exchange, endpoint);
  const seen = runAttempt(requestRun(exchange), { chosen: { ...chosen, passedOver: [] }, permit, passage });
  return { ...rig, seen };
}

describe('a passage of another kind than passing through', () => {
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });

  it('decides what is sent', async () => {
    const { pool, seen } = shouting();
    pool.head(200, { 'content-type': 'text/plain' });
    pool.data('HI\n=1\n');
    await seen;
    const [sent] = pool.sent;
    assert.equal(sent?.path, '/shout');
    assert.deepEqual(sent?.headers, ['content-type', 'text/plain']);
    assert.equal(String(sent?.body), '{"MODEL":"CLAUDE-SONNET-4-5","STREAM":TRUE}');
  });

  it('decides what the client gets, and what is counted', async () => {
    const { pool, client, seen } = shouting();
    pool.head(200, { 'content-type': 'text/plain', 'x-own': 'the endpoint s' });
    pool.data('wait\nGOOD MOR');
    pool.data('NING\nTO YOU\n');
    pool.data('=7\n');
    const { result, usage, committedAfterMs } = await seen;
    assert.deepEqual([result.kind, usage?.outputTokens], ['success', 7]);
    assert.ok(committedAfterMs !== undefined);
    assert.equal(client.statusCode, 200);
    assert.equal(client.header('content-type'), 'text/event-stream');
    assert.deepEqual([client.header('x-own'), client.header('x-signalbox-endpoint')], [undefined, 'one']);
    assert.equal(String(client.body), 'data: good morning\n\ndata: to you\n\nevent: done\n\n');
  });

  it('decides when content has begun, and what is a failure before', async () => {
    const usual = ['wait\n', 'wait\nhelp\n'];
    for (const lines of [usual, ['help\n']]) {
      const { pool, client, seen } = shouting();
      pool.head(200, { 'content-type': 'text/plain' });
      for (const line of lines) pool.data(line);
      const { result, committedAfterMs } = await seen;
      assert.equal(result, streamError);
      assert.deepEqual([committedAfterMs, client.headersSent], [undefined, false]);
    }
  });

  it('decides by the head what is no answer', async () => {
    const { pool, client, seen } = shouting();
    pool.head(200, { 'content-type': 'text/html' });
    assert.equal((await seen).result.kind, 'malformed');
    assert.equal(client.headersSent, false);
  });

  it('has the client s own words for a stream that breaks', async () => {
    const { pool, client, seen } = shouting();
    pool.head(200, { 'content-type': 'text/plain' });
    pool.data('GOOD\n');
    await until(() => client.headersSent);
    pool.breaks();
    assert.equal((await seen).result.kind, 'connection');
    assert.equal(String(client.body), 'data: good\n\nevent: broken\n\n');
  });

  it('reads error answers, for the classifier and for the client', async () => {
    const { pool, seen } = shouting();
    pool.head(503, { 'content-type': 'text/plain' });
    pool.data('too ti');
    pool.data('red');
    pool.end();
    const { result, errorAnswer, status } = await seen;
    assert.ok(result.kind === 'response');
    assert.deepEqual(
      [status, result.status, result.error?.type, result.error?.message],
      [503, 503, 'tired', 'too tired'],
    );
    assert.deepEqual([errorAnswer?.status, String(errorAnswer?.body)], [429, '{"message":"too tired"}']);
  });
});

describe('the passage of a request whose endpoint speaks the client s format', () => {
  it('sends the bytes of the client, but for the model s name', () => {
    const { exchange, endpoint, client } = exchangeRig({ model: 'sonnet', stream: true, messages: [] });
    const asked = (sentModel: string) => passThrough(exchange, endpoint, sentModel).request;
    assert.equal(asked('sonnet').body, exchange.fields.body);
    assert.equal(String(asked('big').body), '{"model":"big","stream":true,"messages":[]}');
    assert.equal(asked('big').path, '/v1/messages');
    client.destroy();
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !isSo(); turn += 1) await new Promise(setImmediate);
  assert.ok(isSo());
}
