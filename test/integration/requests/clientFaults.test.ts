import assert from 'node:assert/strict';
import { anthropicError, type Behaviour } from '../../../src/simulated/behaviour.ts';
import { assertWholeAnswer, attemptsOf, message, type Scene, startScene } from '../../support/scenes/scene.ts';

/** Wordings on which clients drop one feature after the other. */
const wordings = [
  'messages: Unexpected role "system"',
  'context_management: Extra inputs are not permitted',
  'Unexpected value(s) `context-1m-2025-08-07` for the `anthropic-beta` header',
  'output_config: Extra inputs are not permitted',
  'thinking.type: Input tag "adaptive" found',
  'prompt is too long: 250001 tokens > 200000 maximum',
];

describe('a fault of the client', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene();
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  /** The state of the endpoints that must not change. */
  async function states(): Promise<unknown> {
    const { endpoints } = await scene.gateway.status();
    return endpoints.map(({ state, breaker, cooldowns, lastError, successRate }) => {
      return { state: state === 'unused' ? 'healthy' : state, breaker, cooldowns, lastError, successRate };
    });
  }

  for (const status of [400, 405, 406, 409, 413, 414, 415, 422]) {
    for (const stream of [true, false]) {
      it(`${status} goes back as it is (${stream ? 'streaming' : 'not streaming'})`, async () => {
        const before = await states();
        const body = `{ "type":"error",\n  "error":{"type":"invalid_request_error","message":"h\\u00e9 ${status}"}, "x": 1e3 }`;
        const headers = { 'request-id': 'req_told', 'x-custom': 'kept', 'anthropic-organization-id': 'org' };
        scene.first.behave({ kind: 'status', status, body, headers, contentType: 'application/json; charset=utf-8' });
        const reply = await scene.ask('/v1/messages', { json: message({ stream }) });
        assert.equal(reply.status, status);
        assert.equal(reply.text, body);
        assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
        for (const [name, value] of Object.entries(headers)) assert.equal(reply.headers[name], value);
        assert.equal(reply.headers['x-should-retry'], undefined);
        assert.equal(reply.headers['x-signalbox-endpoint'], 'first');
        assert.equal(reply.headers['x-signalbox-attempts'], '1');
        assert.deepEqual(scene.counts(), [1, 0]);
        assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:request']);
        assert.deepEqual(await states(), before);
      });
    }
  }

  it('goes back compressed where it came compressed', async () => {
    scene.first.behave({ ...anthropicError('invalid_request_error'), compress: 'gzip' });
    const reply = await scene.ask('/v1/messages', { json: message({ stream: false }) });
    assert.equal(reply.status, 400);
    assert.equal(reply.headers['content-encoding'], 'gzip');
    assert.equal(reply.bytes.length, scene.first.seen[0]?.bytesSent);
  });

  it('changes nothing, also when it happens two hundred times', async () => {
    const before = await states();
    scene.first.behave(anthropicError('invalid_request_error'));
    for (let round = 0; round < 10; round += 1) {
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => scene.ask('/v1/messages', { json: message() })),
      );
      assert.ok(replies.every(({ status }) => status === 400));
    }
    assert.deepEqual(scene.counts(), [200, 0]);
    assert.deepEqual(await states(), before);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { json: message() }), scene.first);
  });

  it('is told in its own words each time, six times in one turn', async () => {
    const headers = { 'x-claude-code-session-id': 'turn' };
    assertWholeAnswer(await scene.ask('/v1/messages', { headers, json: message() }), scene.first);
    for (const wording of wordings) {
      const fault = anthropicError('invalid_request_error', { message: wording });
      scene.first.behave(fault);
      const reply = await scene.ask('/v1/messages', { headers, json: message() });
      assert.equal(reply.status, 400);
      assert.equal(reply.text, JSON.stringify(fault.body));
    }
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await scene.ask('/v1/messages', { headers, json: message() }), scene.first);
    assert.deepEqual(scene.counts(), [8, 0]);
  });

  it('that is no JSON at all goes to the endpoint, whose answer comes back', async () => {
    const fault: Behaviour = anthropicError('invalid_request_error', { message: 'The body is not valid JSON' });
    scene.first.behave(fault);
    const reply = await scene.ask('/v1/messages', { raw: '{"model": oops' });
    assert.equal(reply.status, 400);
    assert.deepEqual(scene.counts()[1], 0);
  });
});
