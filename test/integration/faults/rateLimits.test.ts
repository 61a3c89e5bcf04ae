import assert from 'node:assert/strict';
import { anthropicError, type HeaderValues, openaiError } from '../../../src/simulated/behaviour.ts';
import { anthropicRateLimit, openaiRateLimit } from '../../../src/simulated/vendorErrors.ts';
import { type ExactEndpoint, startExactEndpoint } from '../../support/endpoints/exactEndpoint.ts';
import {
  assertOwnHeaders,
  assertStanding,
  attemptLines,
  boundTo,
  outcomesOf,
  retryAfterOf,
} from '../../support/scenes/faultViews.ts';
import { assertWholeAnswer, attemptsOf, modelRequests, type Scene, startScene } from '../../support/scenes/scene.ts';
import {
  anthropic,
  askVendor,
  assertPassedOn,
  endpointsOf,
  openai,
  vendorParts,
} from '../../support/scenes/vendorScene.ts';

const limited = (headers: HeaderValues = {}) => anthropicError('rate_limit_error', { headers });

/** The soft clamp of behaviour.md §2, row 7, and what jitter adds to it at most. */
const halfHour = [1800, 1980] as const;
const second = [1, 1.1] as const;

describe('a rate limit', () => {
  let scene: Scene;
  /** The first choice for a model of its own; a test decides when it answers. */
  let gated: ExactEndpoint;

  before(async () => {
    gated = await startExactEndpoint();
    const parts = [{ id: 'gated', config: { baseUrl: gated.url, models: ['claude-sonnet-gated'] } }, ...vendorParts];
    scene = await startScene({ parts, config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(async () => {
    await scene.close();
    await gated.close();
  });

  for (const vendor of [anthropic, openai]) {
    const limitedFor = vendor === anthropic ? anthropicRateLimit : openaiRateLimit;
    const family = vendor === anthropic ? 'family:sonnet' : 'family:gpt-5';
    const type = vendor === anthropic ? 'rate_limit_error' : 'tokens';

    it(`row 20: a 429 of ${vendor.name} with retry-after 30 is answered elsewhere now; this family rests so long, no other`, async () => {
      const [first, other] = endpointsOf(scene, vendor);
      const headers = { 'x-session-id': 'limited' };
      assertWholeAnswer(await askVendor(scene, vendor, {}, headers), first);
      first.behave(limitedFor(30));
      const reply = await askVendor(scene, vendor, {}, headers);
      assertWholeAnswer(reply, other);
      assertOwnHeaders(reply, other.name, 2);
      assert.equal(reply.headers['retry-after'], undefined);
      const record = await scene.recordOf(reply);
      assert.deepEqual(attemptLines(record), [`${first.name}: rateLimit, 429 ${type}`, `${other.name}: success, ok`]);
      await assertStanding(scene, first.name, { lastError: 'rateLimit', cools: { [family]: [30, 33] } });
      assert.deepEqual(await boundTo(scene), [first.name], 'a limit of one family moves no session');
      first.behave({ kind: 'healthy' });
      assertOwnHeaders(await askVendor(scene, vendor), other.name, 1);
      assertWholeAnswer(await askVendor(scene, vendor, { model: 'another-model' }, headers), first);
      assert.deepEqual(await outcomesOf(first), ['answered', 'answered', 'answered']);
    });

    it(`row 20: where all are limited, the 429 of ${vendor.name} that ends first goes back, with at most 60 s`, async () => {
      const [first, other] = endpointsOf(scene, vendor);
      for (const [one, two] of [
        [50, 20],
        [20, 50],
        [700, 600],
      ] as const) {
        await scene.renew();
        const [early, late] = [limitedFor(Math.min(one, two)), limitedFor(Math.max(one, two))];
        first.behave(one < two ? early : late);
        other.behave(one < two ? late : early);
        const reply = await askVendor(scene, vendor);
        assertPassedOn(reply, early);
        assert.equal(retryAfterOf(reply), Math.min(one, two, 60));
        assert.equal((await scene.recordOf(reply)).terminal, 'endpointError');
        await assertStanding(scene, first.name, { lastError: 'rateLimit', cools: { [family]: [one, one * 1.1] } });
        await assertStanding(scene, other.name, { lastError: 'rateLimit', cools: { [family]: [two, two * 1.1] } });
        assert.deepEqual(await boundTo(scene), []);
        const again = await askVendor(scene, vendor);
        assert.ok(again.status === 429 || again.status === 503, again.text);
        assert.ok(retryAfterOf(again) >= Math.min(one, two, 60) - 5);
        assert.deepEqual(
          [modelRequests(first).length, modelRequests(other).length],
          [1, 1],
          'nobody is asked too early',
        );
      }
    });

    it(`row 21: a 429 of ${vendor.name} without a reset is answered elsewhere, and rests nobody before the third in a minute`, async () => {
      const [first, other] = endpointsOf(scene, vendor);
      const said = vendor === anthropic ? limited() : openaiError(429, { type: 'tokens', code: 'rate_limit_exceeded' });
      first.behave(said);
      for (let round = 1; round <= 3; round += 1) {
        const reply = await askVendor(scene, vendor);
        assertWholeAnswer(reply, other);
        const lines = attemptLines(await scene.recordOf(reply));
        assert.equal(lines[0], `${first.name}: rateLimit, 429 ${type} without a reset`);
        const cools = round < 3 ? {} : { endpoint: [5, 5] as const };
        await assertStanding(scene, first.name, { lastError: 'rateLimit', cools });
      }
      assertOwnHeaders(await askVendor(scene, vendor), other.name, 1);
      assert.equal((await outcomesOf(first)).length, 3);
      // Where nothing else is left it is asked all the same: nobody has said how long it lasts.
      other.behave(said);
      assertPassedOn(await askVendor(scene, vendor), said);
      await assertStanding(scene, first.name, { lastError: 'rateLimit', cools: { endpoint: [5, 5] } });
    });
  }

  for (const [what, headers, scope, from, to] of [
    ['with a reset', { 'retry-after': '30' }, 'family:sonnet', 30, 33],
    ['without one', {}, 'endpoint', 5, 5],
  ] as const) {
    const isTold = Object.hasOwn(headers, 'retry-after');
    it(`row 22: fifty at once, ${what}, make one cooldown, no longer than one makes it`, async () => {
      const total = 50;
      let come = 0;
      const all = Promise.withResolvers<void>();
      gated.answer = async (response) => {
        come += 1;
        if (come === total) all.resolve();
        await all.promise;
        response.writeHead(429, { 'content-type': 'application/json', connection: 'close', ...headers });
        response.end(JSON.stringify(limited().body));
      };
      const json = { model: 'claude-sonnet-gated', stream: false };
      const asked = Array.from({ length: total }, () => askVendor(scene, anthropic, json));
      await all.promise;
      const limitedAtMs = performance.now();
      const replies = await Promise.all(asked);
      // One that ends at a time grows by how much later the last of them came than the first; growing ones do not.
      const spreadSeconds = isTold ? (performance.now() - limitedAtMs) / 1000 : 0;
      const cools = { [scope]: [from, to + spreadSeconds] as const };
      await assertStanding(scene, 'gated', { lastError: 'rateLimit', cools });
      await assertStanding(scene, 'first');
      assert.equal(come, total);
      // How many were answered elsewhere is for the retry budget to say; the others got the real answer.
      for (const reply of replies) assert.ok(reply.status === 200 || reply.status === 429, reply.text);
      const answered = replies.filter(({ status }) => status === 200);
      assert.ok(answered.length >= 3 && answered.length === modelRequests(scene.first).length, String(answered.length));
      for (const reply of replies) {
        assert.equal(attemptsOf(await scene.recordOf(reply))[0], 'gated:rateLimit');
        if (reply.status === 429 && isTold) retryAfterOf(reply);
      }
    });
  }

  /** `retry-after`, the resulting cooldown (undefined: counts as absent), and the value that the client gets. */
  const seconds: readonly (readonly [string | readonly string[], readonly [number, number] | undefined, number])[] = [
    ['604800', halfHour, 60],
    ['9999999999', halfHour, 60],
    ['61', [61, 67.1], 60],
    ['60', [60, 66], 60],
    ['1.5', [1.5, 1.65], 2],
    ['0', second, 1],
    ['-5', undefined, 2],
    ['abc', undefined, 2],
    ['', undefined, 2],
    ['1e308', undefined, 2],
    ['Infinity', undefined, 2],
    ['0x1F', undefined, 2],
    ['99999999999999999999', undefined, 2],
    ['Wed, 21 Oct 2015 07:28:00 GMT', second, 1],
    ['Fri, 31 Dec 9999 23:59:59 GMT', halfHour, 60],
    ['2015-10-21T07:28:00Z', second, 1],
    ['Wed, 99 Xyz 2015 99:99:99 GMT', undefined, 2],
    [['5', '604800'], halfHour, 60],
    [['604800', '5'], halfHour, 60],
    [['abc', '5'], [5, 5.5], 5],
    [['30', '30'], [30, 33], 30],
    ['30, 30', [30, 33], 30],
    [['Wed, 21 Oct 2015 07:28:00 GMT', '20'], [20, 22], 20],
  ];
  const milliseconds: typeof seconds = [
    ['604800000', halfHour, 60],
    ['9999999999', halfHour, 60],
    ['61000', [61, 67.1], 60],
    ['0', second, 1],
    ['1', second, 1],
    ['1500.5', [1.5, 1.66], 2],
    ['-5', undefined, 2],
    ['abc', undefined, 2],
    ['', undefined, 2],
    ['1e308', undefined, 2],
    ['Infinity', undefined, 2],
    ['99999999999999999999', undefined, 2],
    ['Wed, 21 Oct 2015 07:28:00 GMT', undefined, 2],
    ['Fri, 31 Dec 9999 23:59:59 GMT', undefined, 2],
    [['5000', '604800000'], halfHour, 60],
    [['604800000', '5000'], halfHour, 60],
    [['30000', '30000'], [30, 33], 30],
  ];
  const both: readonly (readonly [HeaderValues, readonly [number, number] | undefined, number])[] = [
    ...seconds.map(([value, cools, told]) => [{ 'retry-after': value }, cools, told] as const),
    ...milliseconds.map(([value, cools, told]) => [{ 'retry-after-ms': value }, cools, told] as const),
    [{ 'retry-after-ms': '1e308', 'retry-after': '604800' }, halfHour, 60],
    [{ 'retry-after-ms': '604800000', 'retry-after': '-5' }, halfHour, 60],
    [{ 'retry-after-ms': '2000', 'retry-after': '604800' }, [2, 2.2], 2],
  ];
  for (const [headers, cools, told] of both) {
    it(`${Object.values(headers).some((one) => one.length === 2 || one.includes(', 3')) ? 'F17, ' : ''}row 23: ${JSON.stringify(headers)} cools down ${cools === undefined ? 'nobody' : `for ${cools[0]} s`}, and tells the client ${told} s`, async () => {
      for (const endpoint of [scene.first, scene.second]) endpoint.behave(limited(headers));
      const askedAtMs = performance.now();
      const reply = await askVendor(scene, anthropic);
      assertPassedOn(reply, limited());
      assert.equal(retryAfterOf(reply), told);
      const record = await scene.recordOf(reply);
      assert.deepEqual(attemptsOf(record), ['first:rateLimit', 'second:rateLimit']);
      const resting = { lastError: 'rateLimit', cools: cools === undefined ? {} : { 'family:sonnet': cools } } as const;
      for (const id of anthropic.ids) await assertStanding(scene, id, resting, askedAtMs);
      assert.deepEqual([modelRequests(scene.first).length, modelRequests(scene.second).length], [1, 1]);
    });
  }
});
