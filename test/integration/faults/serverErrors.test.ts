import assert from 'node:assert/strict';
import { anthropicError, openaiError, type StatusAnswer } from '../../../src/simulated/behaviour.ts';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { openaiOverloaded } from '../../../src/simulated/vendorErrors.ts';
import {
  assertOwnHeaders,
  assertStanding,
  attemptLines,
  boundTo,
  outcomesOf,
} from '../../support/scenes/faultViews.ts';
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

const faults: readonly (readonly [Vendor, StatusAnswer, 'transient' | 'unknown'])[] = [
  [anthropic, anthropicError('api_error'), 'unknown'],
  [anthropic, anthropicError('api_error', { status: 502 }), 'transient'],
  [anthropic, anthropicError('timeout_error'), 'unknown'],
  [openai, openaiError(500), 'unknown'],
  [openai, openaiError(502), 'transient'],
  [openai, openaiError(504), 'unknown'],
];

/** Each vendor's usual form first. */
const overloads: readonly (readonly [Vendor, StatusAnswer, string])[] = [
  [anthropic, anthropicError('overloaded_error'), '529 overloaded_error'],
  [openai, openaiOverloaded(), '503 server_is_overloaded'],
  [anthropic, anthropicError('overloaded_error', { status: 503 }), '503 overloaded_error'],
  [openai, openaiError(529, { message: 'Overloaded', type: 'overloaded_error' }), '529 overloaded_error'],
];

describe('an error of the server', () => {
  let scene: Scene;
  /** Two entries of the configuration lead to it. */
  let twins: SimulatedEndpoint;

  before(async () => {
    twins = await startSimulatedEndpoint({ name: 'twins' });
    const twin = { baseUrl: twins.url };
    const served = { models: [anthropic.model, openai.model] };
    const thirds = [{ id: 'third-anthropic' }, { id: 'third-openai', config: { dialect: 'openai' } }];
    const parts = [
      { id: 'twin-one', config: { ...twin, models: ['twin-model', 'other-model'] } },
      { id: 'twin-two', config: { ...twin, models: ['twin-model', 'other-model'] } },
      { id: 'another-host', config: { models: ['other-model'] } },
      ...[...vendorParts, ...thirds].map(({ id, config }) => ({ id, config: { ...config, ...served } })),
      { id: 'lone-anthropic', config: { models: ['lone-model'] } },
      { id: 'lone-openai', config: { models: ['lone-model'], dialect: 'openai' } },
    ];
    scene = await startScene({ parts, config: { recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(async () => {
    await scene.close();
    await twins.close();
  });

  const thirdOf = (vendor: Vendor) => scene.endpoint(vendor === anthropic ? 'third-anthropic' : 'third-openai');
  const loneOf = (vendor: Vendor) => scene.endpoint(vendor === anthropic ? 'lone-anthropic' : 'lone-openai');

  for (const [vendor, said, name] of faults) {
    for (const stream of [true, false]) {
      it(`row 24: a ${said.status} of ${vendor.name} is answered elsewhere once and noted as perhaps billed, ${stream ? 'streaming' : 'not streaming'}`, async () => {
        const [first, second] = endpointsOf(scene, vendor);
        first.behave(said);
        const reply = await askVendor(scene, vendor, { stream });
        assertWholeAnswer(reply, second);
        assertOwnHeaders(reply, second.name, 2);
        const record = await scene.recordOf(reply);
        const [failed, ...others] = attemptLines(record);
        assert.match(failed ?? '', new RegExp(`^${first.name}: ${name}, ${said.status} \\w+, maybe billed$`));
        assert.deepEqual([record.terminal, others], ['ok', [`${second.name}: success, ok`]]);
        await assertStanding(scene, first.name, { failures: 1, lastError: name });
        await assertStanding(scene, second.name);
        assert.deepEqual(await boundTo(scene), [second.name]);
        assert.deepEqual([await outcomesOf(first), await outcomesOf(second)], [['answered'], ['answered']]);
      });
    }

    it(`row 24: two times ${said.status} of ${vendor.name} are enough: the real answer goes back, a third endpoint is not asked`, async () => {
      const [first, second] = endpointsOf(scene, vendor);
      for (const endpoint of [first, second]) endpoint.behave(said);
      const reply = await askVendor(scene, vendor);
      assertPassedOn(reply, said);
      assertOwnHeaders(reply, first.name, 2);
      const record = await scene.recordOf(reply);
      assert.equal(record.terminal, 'endpointError');
      assert.ok(record.attempts.every((attempt) => attempt.class === name && attempt.maybeBilled));
      for (const { name: id } of [first, second]) await assertStanding(scene, id, { failures: 1, lastError: name });
      assert.deepEqual(await boundTo(scene), []);
      assert.deepEqual(await outcomesOf(thirdOf(vendor)), []);
    });
  }

  const resting = { lastError: 'overloaded', cools: { endpoint: [5, 5] } } as const;

  // The table halves the weight and counts for the whole host; in behaviour.md it is the endpoint's failure and cooldown.
  for (const [vendor, said, reason] of overloads) {
    it(`row 25: a ${reason} of ${vendor.name} is answered elsewhere without a wait, and the endpoint rests for 5 s`, async () => {
      const [first, second] = endpointsOf(scene, vendor);
      first.behave(said);
      for (const stream of [true, false]) {
        const reply = await askVendor(scene, vendor, { stream });
        assertWholeAnswer(reply, second);
        assertOwnHeaders(reply, second.name, stream ? 2 : 1);
        if (!stream) continue;
        const lines = attemptLines(await scene.recordOf(reply));
        assert.deepEqual(lines, [`${first.name}: overloaded, ${reason}`, `${second.name}: success, ok`]);
        await assertStanding(scene, first.name, { ...resting, failures: 1 });
      }
      await assertStanding(scene, second.name);
      assert.deepEqual([await outcomesOf(first), await outcomesOf(second)], [['answered'], ['answered', 'answered']]);
    });
  }

  for (const [vendor, said, reason] of overloads.slice(0, 2)) {
    it(`row 25: a lone endpoint that says ${reason} in the dialect of ${vendor.name} is asked once more after a moment`, async () => {
      const lone = loneOf(vendor);
      lone.behaveNext(said);
      const reply = await askVendor(scene, vendor, { model: 'lone-model' });
      assertWholeAnswer(reply, lone);
      assertOwnHeaders(reply, lone.name, 2);
      const record = await scene.recordOf(reply);
      assert.deepEqual(attemptLines(record), [`${lone.name}: overloaded, ${reason}`, `${lone.name}: success, ok`]);
      const [failed, again] = record.attempts;
      const pausedMs = (again?.startedAfterMs ?? 0) - (failed?.startedAfterMs ?? 0) - (failed?.totalMs ?? 0);
      // Half a second to one and a half; the rest is for a busy machine.
      assert.ok(pausedMs > 490 && pausedMs < 5000, String(pausedMs));
      await assertStanding(scene, lone.name, resting);
      assert.deepEqual(await boundTo(scene), [lone.name]);
    });

    it(`row 25: a lone endpoint that says ${reason} twice in the dialect of ${vendor.name} is not asked a third time`, async () => {
      const lone = loneOf(vendor);
      lone.behave(said);
      const reply = await askVendor(scene, vendor, { model: 'lone-model' });
      assertPassedOn(reply, said);
      assertOwnHeaders(reply, lone.name, 2);
      const record = await scene.recordOf(reply);
      const line = `${lone.name}: overloaded, ${reason}`;
      assert.deepEqual([record.terminal, attemptLines(record)], ['endpointError', [line, line]]);
      await assertStanding(scene, lone.name, { ...resting, failures: 2 });
      assert.equal(modelRequests(lone).length, 2);
      assert.deepEqual(await boundTo(scene), []);
    });
  }

  it('row 25: another host is asked before a second endpoint on the one that is overloaded', async () => {
    const said = anthropicError('overloaded_error');
    twins.behave(said);
    const reply = await askVendor(scene, anthropic, { model: 'other-model' });
    assertWholeAnswer(reply, scene.endpoint('another-host'));
    const line = 'overloaded, 529 overloaded_error';
    const lines = attemptLines(await scene.recordOf(reply));
    assert.deepEqual(lines, [`twin-one: ${line}`, 'another-host: success, ok']);
    assert.deepEqual(await outcomesOf(twins), ['answered']);
    await assertStanding(scene, 'twin-one', { ...resting, failures: 1 });
    await assertStanding(scene, 'twin-two');

    // Where there is no other host, the second endpoint of this one is better than none.
    const alone = await askVendor(scene, anthropic, { model: 'twin-model' });
    assertPassedOn(alone, said);
    const both = attemptLines(await scene.recordOf(alone));
    assert.deepEqual(both, [`twin-two: ${line}`, `twin-one: ${line}`]);
  });
});
