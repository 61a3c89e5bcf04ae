import assert from 'node:assert/strict';
import { anthropicError, type Behaviour, type Compression, cloudflarePage } from '../../../src/simulated/behaviour.ts';
import { startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { assertWholeAnswer, attemptsOf, message, type Scene, startScene } from '../../support/scenes/scene.ts';

/** The behaviour of the first endpoint, and its expected class. */
interface Fault {
  readonly what: string;
  readonly does: Behaviour;
  /** Undefined where it is not said. */
  readonly class: string | undefined;
}

const answer = { text: 'This half belongs to the first endpoint.' };

/** Faults before the first content, whether the client streams or not. */
const faults: readonly Fault[] = [
  { what: '503 with JSON', does: anthropicError('api_error', { status: 503 }), class: 'transient' },
  { what: '520', does: anthropicError('api_error', { status: 520 }), class: 'transient' },
  { what: '408', does: anthropicError('timeout_error', { status: 408 }), class: 'transient' },
  { what: '403 as an HTML page', does: cloudflarePage(403), class: 'badResponse' },
  { what: '529 as an HTML page', does: cloudflarePage(529), class: 'badResponse' },
  { what: '500 without a body', does: { kind: 'status', status: 500, body: '' }, class: undefined },
  { what: 'a reset after the headers', does: { kind: 'cut', at: 'afterHeaders', how: 'rst' }, class: 'transient' },
  {
    what: 'a cut within the first part',
    does: { kind: 'cut', at: 'midStart', how: 'fin', answer },
    class: 'transient',
  },
  {
    what: 'bytes that are not HTTP',
    does: { kind: 'rawResponse', bytes: 'SSH-2.0-OpenSSH_9.2p1\r\n' },
    class: 'badResponse',
  },
  {
    what: 'an answer that says gzip and is not',
    does: { kind: 'healthy', text: answer.text, headers: { 'content-encoding': 'gzip' } },
    class: 'badResponse',
  },
];

/** Faults that only a stream has. */
const streamFaults: readonly Fault[] = [
  {
    what: 'overloaded_error as the first event',
    does: { kind: 'streamError', at: 'afterHeaders', errorType: 'overloaded_error' },
    class: 'overloaded',
  },
  {
    what: 'overloaded_error after message_start',
    does: { kind: 'streamError', at: 'afterStart', errorType: 'overloaded_error' },
    class: 'overloaded',
  },
  {
    what: 'api_error after message_start',
    does: { kind: 'streamError', at: 'afterStart', errorType: 'api_error' },
    class: 'unknown',
  },
  {
    what: 'rate_limit_error after message_start',
    does: { kind: 'streamError', at: 'afterStart', errorType: 'rate_limit_error' },
    class: 'rateLimit',
  },
  {
    what: 'an error after message_start and pings',
    does: { kind: 'streamError', at: 'afterStart', errorType: 'overloaded_error', answer: { pings: 3 } },
    class: 'overloaded',
  },
  { what: 'a stream without a byte', does: { kind: 'cut', at: 'afterHeaders', how: 'eof' }, class: 'transient' },
  { what: 'a clean end after message_start', does: { kind: 'cut', at: 'afterStart', how: 'eof' }, class: 'transient' },
  { what: 'a reset after message_start', does: { kind: 'cut', at: 'afterStart', how: 'rst' }, class: 'transient' },
  {
    what: 'a body that is not a stream',
    does: { kind: 'status', status: 200, body: '<!doctype html><p>Hello</p>', contentType: 'text/html' },
    class: 'badResponse',
  },
];

describe('failover before the first content', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene();
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  async function assertSecondAnswers(fault: Fault, stream: boolean): Promise<void> {
    scene.first.behave(fault.does);
    const reply = await scene.ask('/v1/messages', { json: message({ stream }) });
    assertWholeAnswer(reply, scene.second);
    assert.deepEqual(scene.counts(), [1, 1]);
    assert.equal(reply.headers['x-signalbox-endpoint'], 'second');
    assert.equal(reply.headers['x-signalbox-attempts'], '2');
    const record = await scene.recordOf(reply);
    const [failed] = record.attempts;
    assert.deepEqual(attemptsOf(record), [`first:${fault.class ?? failed?.class}`, 'second:success']);
    assert.equal(record.terminal, 'ok');
  }

  for (const fault of faults) {
    it(`hides ${fault.what}`, () => assertSecondAnswers(fault, false));
    it(`hides ${fault.what} from a client that streams`, () => assertSecondAnswers(fault, true));
  }

  for (const fault of streamFaults) it(`hides ${fault.what}`, () => assertSecondAnswers(fault, true));

  for (const compress of ['gzip', 'br', 'zstd', 'deflate'] satisfies Compression[]) {
    const what = `an overloaded_error compressed with ${compress}`;
    const does: Behaviour = { ...anthropicError('overloaded_error', { status: 503 }), compress };
    it(`reads ${what}`, () => assertSecondAnswers({ what, does, class: 'overloaded' }, false));
  }

  it('hides a redirect and does not follow it', async () => {
    const target = await startSimulatedEndpoint({ name: 'target' });
    try {
      for (const status of [301, 302, 307, 308]) {
        await scene.gateway.control('POST', '/signalbox/reset');
        scene.first.behave({ kind: 'redirect', location: `${target.url}/v1/messages`, status });
        const reply = await scene.ask('/v1/messages', { json: message() });
        assertWholeAnswer(reply, scene.second);
        assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:badResponse', 'second:success']);
      }
      assert.equal(target.connections.accepted, 0);
    } finally {
      await target.close();
    }
  });

  it('sends the same body to the second endpoint, byte for byte', async () => {
    scene.first.behave(anthropicError('overloaded_error'));
    const raw = `{ "model":"claude-sonnet-4-5",\n "max_tokens" : 1e2, "messages":[{"role":"user","content":"h\\u00e9 \u{1f600}"}]}`;
    const reply = await scene.ask('/v1/messages', { raw });
    assertWholeAnswer(reply, scene.second);
    assert.equal(scene.second.seen[0]?.body.toString(), raw);
  });
});

describe('failover in settings of its own', () => {
  let scene: Scene | undefined;

  afterEach(() => scene?.close());

  it('goes on to the third when the second fails as well', async () => {
    scene = await startScene({ parts: [{ id: 'first' }, { id: 'second' }, { id: 'third' }] });
    scene.first.behave(anthropicError('overloaded_error'));
    scene.second.behave(cloudflarePage(502));
    const reply = await scene.ask('/v1/messages', { json: message() });
    assertWholeAnswer(reply, scene.endpoint('third'));
    assert.deepEqual(scene.counts(), [1, 1, 1]);
    const classes = ['first:overloaded', 'second:badResponse', 'third:success'];
    assert.deepEqual(attemptsOf(await scene.recordOf(reply)), classes);
  });
});
