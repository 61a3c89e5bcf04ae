import assert from 'node:assert/strict';
import { openaiError, type StatusAnswer } from '../../../src/simulated/behaviour.ts';
import { errorOf } from '../../support/scenes/converse.ts';
import { assertStanding, attemptLines, boundTo } from '../../support/scenes/faultViews.ts';
import { assertWholeAnswer, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';
import {
  anthropic,
  askVendor,
  assertPassedOn,
  endpointsOf,
  openai,
  type Vendor,
  vendorParts,
} from '../../support/scenes/vendorScene.ts';

const responses: Vendor = { ...openai, name: 'OpenAI Responses', path: '/v1/responses' };

const page = (status: number): StatusAnswer => ({
  kind: 'status',
  status,
  contentType: 'text/html',
  body: `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center><hr>nginx</body></html>`,
});
const text = (status: number, body: string): StatusAnswer => ({
  kind: 'status',
  status,
  contentType: 'text/plain',
  body,
});
const json = (status: number, body: object, headers = {}): StatusAnswer => ({ kind: 'status', status, body, headers });
/** A 200 whose stream consists of these events. */
const stream = (...events: readonly object[]): StatusAnswer => ({
  kind: 'status',
  status: 200,
  contentType: 'text/event-stream',
  body: events.map((one) => `${'type' in one ? `event: ${one.type}\n` : ''}data: ${JSON.stringify(one)}\n\n`).join(''),
});

const created = {
  type: 'response.created',
  response: { id: 'r', object: 'response', status: 'in_progress', output: [] },
};
const failed = (code: string, message: string) => ({
  type: 'response.failed',
  response: { id: 'r', object: 'response', status: 'failed', error: { code, message }, output: [] },
});

describe('the judgement of an error', () => {
  let scene: Scene;

  before(async () => {
    scene = await startScene({ parts: vendorParts, config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  /** Asks three times while both endpoints say this: one call each time, and nobody is blamed. */
  async function assertOnceAndUnblamed(vendor: Vendor, said: StatusAnswer, status: number, asStream = false) {
    const [first, second] = endpointsOf(scene, vendor);
    for (const one of [first, second]) one.behave(said);
    const replies = [];
    for (let round = 0; round < 3; round += 1) replies.push(await askVendor(scene, vendor, { stream: asStream }));
    for (const reply of replies) {
      assert.equal(reply.status, status, reply.text);
      assert.match(String(reply.headers['content-type']), /^application\/json/);
      assert.equal(typeof errorOf(reply).message, 'string');
      assert.doesNotMatch(reply.text, /<|nginx/);
      assert.equal(reply.headers['content-length'] ?? String(reply.bytes.length), String(reply.bytes.length));
    }
    assert.deepEqual([modelRequests(first).length, modelRequests(second).length], [3, 0]);
    for (const id of vendor.ids) await assertStanding(scene, id);
    return replies[0] as (typeof replies)[number];
  }

  for (const vendor of [anthropic, openai]) {
    for (const status of [400, 404, 405, 406, 409, 413, 414, 415, 422, 431]) {
      it(`F3: a ${status} as a page or a text (${vendor.name}) goes back at once in the client's dialect`, async () => {
        const reply = await assertOnceAndUnblamed(vendor, page(status), status);
        if (status === 413 && vendor === anthropic) assert.equal(errorOf(reply).type, 'request_too_large');
        await scene.renew();
        await assertOnceAndUnblamed(vendor, text(status, 'Payload rejected'), status);
      });
    }
  }

  it('F3: an error in an odd wrapping is read, and goes back byte for byte', async () => {
    const wrapped = json(400, [{ error: { code: 400, message: 'too long', status: 'INVALID_ARGUMENT' } }]);
    for (const one of endpointsOf(scene, openai)) one.behave(wrapped);
    assertPassedOn(await askVendor(scene, openai), wrapped);
    assert.equal(modelRequests(scene.endpoint('fourth')).length, 0);
    for (const id of openai.ids) await assertStanding(scene, id);
  });

  it('F3: a 429 as a page with retry-after cools down for so long', async () => {
    scene.first.behave({ ...page(429), headers: { 'retry-after': '30' } });
    assertWholeAnswer(await askVendor(scene, anthropic), scene.second);
    await assertStanding(scene, 'first', { lastError: 'rateLimit', cools: { 'family:sonnet': [30, 33] } });
    scene.second.behave({ ...page(429), headers: { 'retry-after': '20' } });
    const reply = await askVendor(scene, anthropic);
    assert.deepEqual([reply.status, errorOf(reply).type], [429, 'rate_limit_error']);
    assert.equal(reply.headers['retry-after'], '20');
  });

  it('F3: a 413 whose connection breaks before its body has come is a 413 all the same', async () => {
    const bytes = 'HTTP/1.1 413 Payload Too Large\r\ncontent-type: text/html\r\ncontent-length: 900\r\n\r\n<html>';
    for (const one of endpointsOf(scene, anthropic)) one.behave({ kind: 'rawResponse', bytes, ending: 'rst' });
    const reply = await askVendor(scene, anthropic);
    assert.deepEqual([reply.status, errorOf(reply).type], [413, 'request_too_large']);
    for (const id of anthropic.ids) await assertStanding(scene, id);
  });

  const inside: readonly (readonly [Vendor, string, StatusAnswer, number, string])[] = [
    [
      responses,
      'context_length_exceeded',
      stream(created, failed('context_length_exceeded', 'too long')),
      400,
      'too long',
    ],
    [responses, 'invalid_prompt', stream(created, failed('invalid_prompt', 'not allowed')), 400, 'not allowed'],
    [
      responses,
      'an error event',
      stream(created, { type: 'error', code: 'invalid_request_error', message: 'bad' }),
      400,
      'bad',
    ],
    [
      anthropic,
      'invalid_request_error',
      stream({ type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long' } }),
      400,
      'prompt is too long',
    ],
    [
      anthropic,
      'request_too_large',
      stream({ type: 'error', error: { type: 'request_too_large', message: 'big' } }),
      413,
      'big',
    ],
    [openai, 'the number 400', stream({ error: { code: 400, message: 'no such tool' } }), 400, 'no such tool'],
    [openai, 'the text 422', stream({ error: { code: '422', message: 'no' } }), 422, 'no'],
    [openai, 'content_filter', stream({ error: { code: 'content_filter', message: 'filtered' } }), 400, 'filtered'],
  ];
  for (const [vendor, what, said, status, words] of inside) {
    it(`F2: ${what} in a stream of ${vendor.name} goes back as a ${status} with its words`, async () => {
      const reply = await assertOnceAndUnblamed(vendor, said, status, true);
      assert.equal(errorOf(reply).message, words);
      assert.deepEqual(await boundTo(scene), []);
    });
  }

  it('F2: Codex gets the stream of a failed response as it came, once no other endpoint can help', async () => {
    const said = stream(created, failed('context_length_exceeded', 'too long'));
    for (const one of endpointsOf(scene, responses)) one.behave(said);
    const codex = { 'user-agent': 'codex_exec/0.171.0 (Debian 12; x86_64) dumb', originator: 'codex_exec' };
    const reply = await askVendor(scene, responses, { stream: true }, codex);
    assert.equal(reply.status, 200);
    assert.equal(reply.text, said.body);
    assert.match(String(reply.headers['content-type']), /^text\/event-stream/);
    const record = await scene.recordOf(reply);
    assert.deepEqual(attemptLines(record), ['third: request, 400 context_length_exceeded in the stream']);
    assert.equal(record.terminal, 'endpointError');
    for (const id of openai.ids) await assertStanding(scene, id);
  });

  it('F2: a 429 in a stream is a rate limit: asked elsewhere, and told with a time where all say so', async () => {
    const said = stream({ error: { code: 429, message: 'slow down' } });
    scene.endpoint('third').behave(said);
    assertWholeAnswer(await askVendor(scene, openai, { stream: true }), scene.endpoint('fourth'));
    scene.endpoint('fourth').behave(said);
    const reply = await askVendor(scene, openai, { stream: true });
    assert.deepEqual([reply.status, errorOf(reply).message], [429, 'slow down']);
    assert.ok(Number(reply.headers['retry-after']) >= 1, 'F23');
    for (const id of openai.ids) await assertStanding(scene, id, { lastError: 'rateLimit' });
  });

  const flagged = { code: 403, message: 'Flagged by moderation', metadata: { reasons: ['x'], flagged_input: 'y' } };
  it('F6: a 403 of one flagged prompt is that prompt alone', async () => {
    await assertOnceAndUnblamed(openai, json(403, { error: flagged }), 403);
    await scene.gateway.letPass(1100);
    for (const one of endpointsOf(scene, openai)) one.behave({ kind: 'healthy' });
    assertWholeAnswer(await askVendor(scene, openai), scene.endpoint('third'));
  });

  it('F6: a 403 of an empty account is billing, one of a region nobody s, and the words reach the client', async () => {
    const empty = json(403, {
      error: { type: 'new_api_error', code: 'insufficient_user_quota', message: '用户额度不足' },
    });
    const region = openaiError(403, { type: 'x', code: 'unsupported_country_region_territory', message: 'not here' });
    const [third, fourth] = endpointsOf(scene, openai);
    third.behave(empty);
    fourth.behave(region);
    assertPassedOn(await askVendor(scene, openai), region);
    await assertStanding(scene, 'third', { lastError: 'billing', cools: { key: [3600, 3960] } });
    await scene.gateway.letPass(1100);
    assertPassedOn(await askVendor(scene, openai), region);
    await assertStanding(scene, 'fourth');
  });

  it('F12: a 503 that says model_not_found concerns that model only', async () => {
    const missing = openaiError(503, {
      type: 'new_api_error',
      code: 'model_not_found',
      message: 'No available channel',
    });
    const third = scene.endpoint('third');
    third.behave(missing);
    for (let round = 0; round < 3; round += 1)
      assertWholeAnswer(await askVendor(scene, openai), scene.endpoint('fourth'));
    await assertStanding(scene, 'third', { lastError: 'model', cools: { [`model:${openai.model}`]: [600, 660] } });
    third.behave({ kind: 'healthy' });
    assertWholeAnswer(await askVendor(scene, openai, { model: 'another' }), third);
  });

  for (const status of [412, 421, 424, 499, 498]) {
    it(`F15: a ${status} is the endpoint's: another one is asked`, async () => {
      scene.first.behave(json(status, { error: { type: 'some_error', message: 'upstream' } }));
      assertWholeAnswer(await askVendor(scene, anthropic), scene.second);
    });
  }

  it('F22: a model that every endpoint has refused is a 404 in the dialect, again and again', async () => {
    for (const vendor of [anthropic, openai]) {
      for (const one of endpointsOf(scene, vendor))
        one.behave(json(404, { error: { code: 'model_not_found', message: 'x' } }));
      await askVendor(scene, vendor);
      const again = await askVendor(scene, vendor);
      assert.equal(again.status, 404, again.text);
      assert.equal(again.headers['retry-after'], undefined);
      const { type, code } = errorOf(again) as { type: string; code?: string };
      assert.deepEqual(
        [type, code],
        vendor === openai ? ['invalid_request_error', 'model_not_found'] : ['not_found_error', undefined],
      );
    }
  });

  it('F22: refused keys stay a 403 once they are suspended', async () => {
    const refused = openaiError(401, { code: 'invalid_api_key', type: 'invalid_request_error', message: 'Wrong key' });
    for (const one of endpointsOf(scene, openai)) one.behave(refused);
    for (let round = 0; round < 3; round += 1) {
      const reply = await askVendor(scene, openai);
      assert.equal(reply.status, 403, reply.text);
      assert.equal(reply.headers['retry-after'], undefined);
      assert.match(errorOf(reply).message, /third.*fourth/);
      if (round < 2) assert.match(errorOf(reply).message, /Wrong key/);
      await scene.gateway.letPass(1100);
    }
    for (const id of openai.ids) await assertStanding(scene, id, { lastError: 'auth', isSuspended: true });
  });

  it('F23: a 429 that says nothing of time goes back with one', async () => {
    for (const said of [openaiError(429, { type: 'requests' }), page(429), json(429, { detail: 'slow' })]) {
      await scene.renew();
      for (const one of endpointsOf(scene, openai)) one.behave(said);
      const reply = await askVendor(scene, openai);
      assert.equal(reply.status, 429);
      assert.ok(Number(reply.headers['retry-after']) >= 1);
    }
  });

  const pathless: readonly StatusAnswer[] = [
    json(404, { error: { message: 'Not Found' } }),
    json(404, { detail: 'Not Found' }),
    openaiError(404, { type: 'invalid_request_error', message: 'Invalid URL (POST /v1/responses)' }),
    text(404, '404 page not found'),
    { ...page(404), body: '<html><body><pre>Cannot POST /v1/responses</pre></body></html>' },
  ];
  for (const said of pathless) {
    it(`F24: a path that an endpoint does not have (${JSON.stringify(said.body).slice(0, 60)}) is asked for elsewhere`, async () => {
      const [third, fourth] = endpointsOf(scene, openai);
      third.behaveBy(({ path }) => (path.startsWith('/v1/responses') ? said : { kind: 'healthy' }));
      for (let round = 0; round < 3; round += 1) assertWholeAnswer(await askVendor(scene, responses), fourth);
      assert.equal(modelRequests(third).length, 1, 'remembered');
      await assertStanding(scene, 'third');
      assertWholeAnswer(await askVendor(scene, openai), third);
      fourth.behave(said);
      assert.equal((await askVendor(scene, responses)).status, 404);
      const none = await askVendor(scene, responses);
      assert.equal(none.status, 404, none.text);
      await assertStanding(scene, 'fourth');
    });
  }
});
