import assert from 'node:assert/strict';
import { anthropicError, cloudflarePage, openaiError, type StatusAnswer } from '../../../src/simulated/behaviour.ts';
import {
  anthropicUnknownModel,
  captivePortalPage,
  firewallPage,
  openaiUnknownModel,
} from '../../../src/simulated/vendorErrors.ts';
import { errorOf, objectOf } from '../../support/scenes/converse.ts';
import {
  assertOwnHeaders,
  assertStanding,
  attemptLines,
  boundTo,
  outcomesOf,
  retryAfterOf,
} from '../../support/scenes/faultViews.ts';
import { assertWholeAnswer, message, type Scene, startScene } from '../../support/scenes/scene.ts';
import {
  anthropic,
  askVendor,
  assertPassedOn,
  endpointsOf,
  openai,
  type Vendor,
  vendorParts,
} from '../../support/scenes/vendorScene.ts';

const bodyLimitBytes = 65_536;

describe('an answer that is an error', () => {
  let scene: Scene;

  before(async () => {
    const parts = [...vendorParts, { id: 'opus-only', config: { models: ['claude-opus-*'] } }];
    const config = { recovery: { enabled: false }, limits: { bodyBytes: bodyLimitBytes } };
    scene = await startScene({ parts, config });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  const faults: readonly (readonly [Vendor, StatusAnswer])[] = [
    [anthropic, anthropicError('invalid_request_error')],
    [
      anthropic,
      anthropicError('invalid_request_error', { message: 'prompt is too long: 250001 tokens > 200000 maximum' }),
    ],
    [anthropic, anthropicError('request_too_large')],
    [
      openai,
      openaiError(400, {
        message: "Unknown parameter: 'x'.",
        type: 'invalid_request_error',
        code: 'unknown_parameter',
      }),
    ],
    [openai, openaiError(413, { message: 'Request too large.', type: 'invalid_request_error' })],
  ];
  for (const [vendor, said] of faults) {
    const row = said.status === 413 ? 19 : 10;
    for (const stream of [true, false]) {
      it(`row ${row}: a ${said.status} of ${vendor.name} (${bodyText(said)}) goes back as it is, ${stream ? 'streaming' : 'not streaming'}`, async () => {
        const [first, second] = endpointsOf(scene, vendor);
        first.behave(said);
        const reply = await askVendor(scene, vendor, { stream });
        assertPassedOn(reply, said);
        assertOwnHeaders(reply, first.name, 1);
        assert.equal(reply.headers['x-should-retry'], undefined);
        assert.equal(reply.headers['retry-after'], undefined);
        const record = await scene.recordOf(reply);
        assert.deepEqual([record.terminal, record.status], ['endpointError', said.status]);
        const type = vendor === anthropic ? errorOf(reply).type : 'invalid_request_error';
        assert.deepEqual(attemptLines(record), [`${first.name}: request, ${said.status} ${type}`]);
        await assertStanding(scene, first.name);
        assert.deepEqual(await boundTo(scene), []);
        assert.deepEqual([await outcomesOf(first), await outcomesOf(second)], [['answered'], []]);
      });
    }
  }

  for (const vendor of [anthropic, openai]) {
    it(`row 19: a body beyond our own limit is a 413 in the words of ${vendor.name}, and no endpoint sees it`, async () => {
      const reply = await askVendor(scene, vendor, { system: 'x'.repeat(bodyLimitBytes) });
      assert.equal(reply.status, 413);
      assert.match(String(reply.headers['content-type']), /^application\/json/);
      assert.equal(objectOf(reply)['type'], vendor === anthropic ? 'error' : undefined);
      assert.match(errorOf(reply).message, /65536|64 KiB|limit/);
      for (const id of vendor.ids) await assertStanding(scene, id);
      assert.ok(scene.counts().every((count) => count === 0));
      assert.equal((await askVendor(scene, vendor)).status, 200);
    });
  }

  it('row 13: neither origin nor a second credential ever reaches an endpoint', async () => {
    const own = { 'x-api-key': 'of-the-client', authorization: 'Bearer of-the-client', cookie: 'a=b' };
    for (const vendor of [anthropic, openai]) {
      const [first] = endpointsOf(scene, vendor);
      // The endpoints refuse a wrong key, and two credentials at once, with the vendor's 401.
      assertWholeAnswer(await askVendor(scene, vendor, { stream: true }, own), first);
      const { headers } = first.seen[0] ?? {};
      for (const name of ['origin', 'cookie']) assert.equal(headers?.[name], undefined);
      const credentials = [headers?.['x-api-key'], headers?.['authorization']].filter((one) => one !== undefined);
      const key = `key-of-endpoint-${first.name}`;
      assert.deepEqual(credentials, [vendor === anthropic ? key : `Bearer ${key}`]);
      first.forgetSeen();
      const page = await askVendor(scene, vendor, {}, { origin: 'https://page.example.com' });
      assert.equal(page.status, 403);
      assert.equal(page.headers['access-control-allow-origin'], undefined);
      assert.deepEqual(await outcomesOf(first), []);
      await assertStanding(scene, first.name);
    }
  });

  const pages: Readonly<Record<string, StatusAnswer>> = {
    'a 403 of Cloudflare': cloudflarePage(403),
    'a 503 of Cloudflare': cloudflarePage(503),
    'the 403 of a firewall': firewallPage(),
    'the 511 of a captive portal': captivePortalPage(),
    'the 200 of a captive portal': captivePortalPage(200),
  };
  for (const [what, page] of Object.entries(pages)) {
    it(`row 16: ${what} is no answer: another endpoint is asked, and this one rests for 10 s`, async () => {
      scene.first.behave(page);
      const reply = await askVendor(scene, anthropic);
      assertWholeAnswer(reply, scene.second);
      assertOwnHeaders(reply, 'second', 2);
      const reason =
        page.status === 200 ? '200 with a web page, maybe billed' : `${page.status} that is not an answer of the API`;
      const lines = attemptLines(await scene.recordOf(reply));
      assert.deepEqual(lines, [`first: badResponse, ${reason}`, 'second: success, ok']);
      const resting = { failures: 1, lastError: 'badResponse', cools: { endpoint: [10, 10] } } as const;
      await assertStanding(scene, 'first', resting);
      assert.deepEqual(await boundTo(scene), ['second']);

      // Where nothing else is left it is asked all the same; its rest is not lengthened by that.
      scene.second.behave(page);
      const alone = await askVendor(scene, anthropic);
      assert.equal(alone.status, 502);
      assert.match(String(alone.headers['content-type']), /^application\/json/);
      assert.match(errorOf(alone).message, /second: .*\(\d+ ms\); first: .*\(\d+ ms\)/);
      assert.doesNotMatch(alone.text, /<|cloudflare|sign in/i);
      for (const name of ['cf-ray', 'location']) assert.equal(alone.headers[name], undefined);
      retryAfterOf(alone);
      assert.equal((await scene.recordOf(alone)).terminal, 'gatewayError');
      await assertStanding(scene, 'first', { ...resting, failures: 2 });
    });
  }

  const unknown: readonly (readonly [Vendor, StatusAnswer])[] = [
    [anthropic, anthropicUnknownModel(anthropic.model)],
    [openai, openaiUnknownModel(openai.model)],
  ];
  for (const [vendor, said] of unknown) {
    it(`row 17: a model that ${vendor.name} does not have is asked for where it is claimed, or the 404 goes back`, async () => {
      const [first, second] = endpointsOf(scene, vendor);
      first.behave(said);
      const reply = await askVendor(scene, vendor);
      assertWholeAnswer(reply, second);
      const lines = attemptLines(await scene.recordOf(reply));
      assert.match(lines[0] ?? '', new RegExp(`^${first.name}: model, 404 \\w+$`));
      assert.deepEqual(lines.slice(1), [`${second.name}: success, ok`]);
      const resting = { lastError: 'model', cools: { [`model:${vendor.model}`]: [600, 660] } } as const;
      await assertStanding(scene, first.name, resting);

      second.behave(said);
      const nowhere = await askVendor(scene, vendor);
      assertPassedOn(nowhere, said);
      assertOwnHeaders(nowhere, second.name, 1);
      assert.equal((await scene.recordOf(nowhere)).terminal, 'endpointError');
      await assertStanding(scene, second.name, resting);
      first.behave({ kind: 'healthy' });
      assertWholeAnswer(await askVendor(scene, vendor, { model: 'another-model' }), first);
      assert.equal(scene.counts().at(-1), 0, 'who does not claim the model is not asked');
    });
  }

  // The table would guess a count here; behaviour.md §4 has a 404, which clients take well.
  it('row 18: a token count that is not offered is looked for elsewhere, or is a 404, and changes nothing', async () => {
    const count = () => scene.ask('/v1/messages/count_tokens', { json: message({ stream: undefined }) });
    const said = anthropicError('not_found_error');
    scene.first.behave(said);
    const reply = await count();
    assert.equal(reply.status, 200);
    assertOwnHeaders(reply, 'second', 2);
    assert.deepEqual(Object.keys(objectOf(reply)), ['input_tokens']);
    scene.second.behave(said);
    assert.equal((await count()).status, 404);
    for (const id of anthropic.ids) await assertStanding(scene, id);
    assert.deepEqual(await boundTo(scene), []);
    scene.first.behave({ kind: 'healthy' });
    assertWholeAnswer(await askVendor(scene, anthropic), scene.first);
  });
});

function bodyText({ body }: StatusAnswer): string {
  const { error } = body as { error: { message: string } };
  return error.message.slice(0, 30);
}
