import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicError } from '../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { runGateway } from '../../support/processes/runGateway.ts';
import { type GatewayProcess, type TestGateway, until } from '../../support/processes/startGateway.ts';
import {
  endBy,
  endpointIn,
  type Succession,
  say,
  sayUntil,
  withSuccession,
} from '../../support/processes/succession.ts';
import { configOf, exitOf, keyEnvironment, messages } from '../../support/processes/testBed.ts';

const failure = anthropicError('api_error', { status: 502 });
const names = ['failing', 'limited', 'refused', 'healthy', 'idle'] as const;
const quiet = { recovery: { enabled: false }, retry: { maxAttempts: 5 } };

/** Endpoints of which all but the last two have trouble of their own, and a gateway that knows it. */
async function withTrouble(bed: Succession) {
  const endpoints: SimulatedEndpoint[] = [];
  for (const name of names) endpoints.push(await bed.endpoint(name));
  const [failing, limited, refused] = endpoints;
  assert.ok(failing !== undefined && limited !== undefined && refused !== undefined);
  failing.behave(failure);
  limited.behave(anthropicError('rate_limit_error', { headers: { 'retry-after': '600' } }));
  refused.behave(anthropicError('authentication_error'));
  const next = (): Promise<GatewayProcess> => bed.next(configOf(endpoints, quiet), keyEnvironment(endpoints));
  const gateway = await next();
  await say(gateway, 'kept');
  await sayUntil(gateway, 'refused', 'suspended');
  await sayUntil(gateway, 'failing', 'open');
  return { endpoints, failing, gateway, next };
}

/** One endpoint whose breaker is open, and another one that answers. */
async function withOpenBreaker(bed: Succession) {
  const first = await bed.endpoint('first');
  const second = await bed.endpoint('second');
  first.behave(failure);
  const config = configOf([first, second], quiet);
  const env = keyEnvironment([first, second]);
  const next = (): Promise<GatewayProcess> => bed.next(config, env);
  const nextWith = (more: object, keys: Record<string, string> = {}): Promise<TestGateway> =>
    bed.start({ stateDir: bed.stateDir, config: { ...config, ...more }, env: { ...env, ...keys } });
  const gateway = await next();
  await sayUntil(gateway, 'first', 'open');
  await bed.untilSaved('open', (saved) => endpointIn(saved, 'first').breaker.state === 'open');
  return { first, second, gateway, next, nextWith };
}

const stateOf = async (gateway: TestGateway, id: string) => endpointIn(await gateway.status(), id).state;

describe('the gateway that comes after one', () => {
  itConcurrently({
    ...Object.fromEntries(
      (['SIGKILL', 'SIGTERM'] as const).map((signal) => [
        `that ended by ${signal} goes on where that one stopped`,
        withSuccession(async (bed) => {
          const { failing, gateway, next } = await withTrouble(bed);
          await gateway.control('POST', '/signalbox/endpoints/idle/disable');
          await gateway.control('PUT', '/signalbox/override', { endpointId: 'healthy', minutes: 20 });
          const before = await gateway.status();
          await bed.untilSaved('all of it', ({ override, sessions }) => {
            return override !== null && sessions.length === before.sessions.length;
          });
          await endBy(gateway, signal);

          const successor = await next();
          const after = await successor.status();
          assert.deepEqual(
            after.endpoints.map(({ state }) => state),
            ['halfOpen', 'degraded', 'suspended', 'unused', 'disabled'],
          );
          assert.equal(endpointIn(after, 'idle').isOverridden, true);
          const [limit, limitBefore] = [after, before].map((one) => endpointIn(one, 'limited').cooldowns[0]);
          assertSameTime(limit?.untilMs, limitBefore?.untilMs);
          assert.equal(limit?.scope, limitBefore?.scope);
          assertSameTime(endpointIn(after, 'refused').untilMs, endpointIn(before, 'refused').untilMs);
          assertSameTime(after.gateway.override?.untilMs, before.gateway.override?.untilMs);
          assert.equal(endpointIn(after, 'failing').lastError?.reason, endpointIn(before, 'failing').lastError?.reason);
          const bindings = ({ sessions }: typeof after) =>
            sessions.map(({ id, endpointId, requestCount, client }) => {
              return { id, endpointId, requestCount, client };
            });
          assert.deepEqual(bindings(after), bindings(before));
          for (const [index, { boundAtMs, lastUsedMs }] of after.sessions.entries()) {
            assertSameTime(boundAtMs, before.sessions[index]?.boundAtMs);
            assertSameTime(lastUsedMs, before.sessions[index]?.lastUsedMs);
          }

          await successor.control('DELETE', '/signalbox/override');
          await assertOneTrial(successor, failing);
          assert.equal(await say(successor, 'kept'), 'healthy');
        }),
      ]),
    ),

    'has what was changed by hand just before: reset, unbound, enabled': withSuccession(async (bed) => {
      const { gateway, next } = await withTrouble(bed);
      await gateway.control('POST', '/signalbox/endpoints/idle/disable');
      await bed.untilSaved('the trouble', (saved) => endpointIn(saved, 'idle').enabledOverride === false);
      await gateway.control('POST', '/signalbox/reset');
      await gateway.control('DELETE', '/signalbox/sessions');
      await gateway.control('POST', '/signalbox/endpoints/idle/enable');
      await bed.untilSaved('the end of it', (saved) => endpointIn(saved, 'idle').enabledOverride === true);
      await endBy(gateway, 'SIGKILL');
      const after = await (await next()).status();
      assert.deepEqual(new Set(after.endpoints.map(({ state }) => state)), new Set(['unused']));
      assert.deepEqual(after.sessions, []);
    }),

    'holds nothing against an endpoint that leads elsewhere now, has another key, or is gone': withSuccession(
      async (bed) => {
        const { first, second, gateway, nextWith } = await withOpenBreaker(bed);
        const third = await bed.endpoint('third');
        await endBy(gateway, 'SIGKILL');
        const file = readFileSync(bed.path);
        const endpoint = { id: 'first', baseUrl: first.url, apiKey: 'env:KEY_FIRST' };
        const bound = { id: 'second', baseUrl: second.url, apiKey: 'env:KEY_SECOND', priority: 2 };
        const cases: [string, string, object[], Record<string, string>?][] = [
          ['nothing changed', 'halfOpen', [endpoint, bound]],
          ['another URL', 'unused', [{ ...endpoint, baseUrl: third.url }, bound]],
          ['another header', 'unused', [{ ...endpoint, headers: { 'x-team': 'one' } }, bound]],
          ['another way to send the key', 'unused', [{ ...endpoint, auth: 'bearer' }, bound]],
          ['another key', 'unused', [endpoint, bound], { KEY_FIRST: 'another-key-of-the-first' }],
          ['another priority', 'halfOpen', [{ ...endpoint, priority: 2 }, bound]],
        ];
        for (const [what, state, endpoints, keys] of cases) {
          writeFileSync(bed.path, file);
          const successor = await nextWith({ endpoints }, keys);
          assert.equal(await stateOf(successor, 'first'), state, what);
          assert.ok((await successor.status()).sessions.length > 0, 'the other one keeps its sessions');
          assert.equal(await successor.stop(), 0);
        }
        writeFileSync(bed.path, file);
        const alone = await nextWith({ endpoints: [endpoint] });
        const { sessions } = await alone.status();
        assert.ok(!sessions.some(({ isBound }) => isBound), 'they were bound to the other one');
        assert.equal(await alone.stop(), 0);
        assert.deepEqual(
          bed.saved()?.endpoints.map(({ id }) => id),
          ['first'],
        );
      },
    ),

    'is no other for two restarts in quick succession': withSuccession(async (bed) => {
      const { gateway, next } = await withOpenBreaker(bed);
      await endBy(gateway, 'SIGTERM');
      await endBy(await next(), 'SIGTERM');
      await endBy(await next(), 'SIGKILL');
      const last = await next();
      assert.equal(await stateOf(last, 'first'), 'halfOpen');
      assert.ok((await last.status()).sessions.length > 0);
    }),

    'keeps its own state when the one before it, which still had an answer to finish, ends': withSuccession(
      async (bed) => {
        const { second, gateway, next } = await withOpenBreaker(bed);
        second.behaveNext({ kind: 'hang', at: { afterEvents: 2 } });
        const stream = await bed.stream(gateway, messages('hi', true));
        await until(
          'the answer has begun',
          () => stream.text(),
          (text) => text.includes('content_block_start'),
        );
        gateway.process.kill('SIGTERM');
        await until(
          'it drains',
          () => gateway.log(),
          (log) => log.includes('"stopping"'),
        );
        const successor = await next();
        await successor.control('POST', '/signalbox/endpoints/first/disable');
        await bed.untilSaved('disabled', (saved) => endpointIn(saved, 'first').enabledOverride === false);
        stream.destroy();
        assert.equal(await exitOf(gateway), 0, gateway.stderr());
        assert.equal(endpointIn(bed.saved() ?? { endpoints: [] }, 'first').enabledOverride, false);
        await endBy(successor, 'SIGKILL');
        assert.equal(await stateOf(await next(), 'first'), 'disabled');
      },
    ),

    ...Object.fromEntries(
      (
        [
          ['is half a file', (file: string) => file.slice(0, file.length / 2)],
          ['is of a later version', (file: string) => file.replace('"version":1', '"version":2')],
          ['has another shape', (file: string) => file.replaceAll('"consecutiveFailures":', '"failures":')],
        ] as const
      ).map(([what, content]) => [
        `begins anew where state.json ${what}, and sets it aside`,
        withSuccession(async (bed) => {
          const { gateway, next } = await withOpenBreaker(bed);
          await endBy(gateway, 'SIGKILL');
          const bad = content(readFileSync(bed.path, 'utf8'));
          writeFileSync(bed.path, bad, { mode: 0o644 });
          writeFileSync(`${bed.path}.bad`, 'an earlier one', { mode: 0o644 });
          const successor = await next();
          assert.equal(await stateOf(successor, 'first'), 'unused');
          assert.equal(readFileSync(`${bed.path}.bad`, 'utf8'), bad);
          await bed.untilSaved('a good one', ({ endpoints }) => endpoints.length === 2);
          await endBy(successor, 'SIGTERM');
          assert.match(successor.log(), /state\.json cannot be used and is set aside/);
          for (const path of [bed.path, `${bed.path}.bad`]) assert.equal(statSync(path).mode & 0o777, 0o600, path);
        }),
      ]),
    ),
  });
});

describe('state.json', () => {
  itConcurrently({
    'is for the owner alone, whatever the umask and whatever was left by one that was killed while writing it':
      withSuccession(async (bed) => {
        const first = await bed.endpoint('first');
        mkdirSync(bed.stateDir, { mode: 0o700 });
        writeFileSync(`${bed.path}.tmp`, '{"version":', { mode: 0o666 });
        const umask = process.umask(0);
        const starting = bed.next(configOf([first]), keyEnvironment([first]));
        process.umask(umask);
        const gateway = await starting;
        await bed.untilSaved('it is there', ({ endpoints }) => endpoints.length === 1);
        assert.equal(statSync(bed.path).mode & 0o777, 0o600);
        await endBy(gateway, 'SIGTERM');
        assert.equal(statSync(bed.path).mode & 0o777, 0o600);
      }),

    'that cannot be written costs one line in the log, and no request': withSuccession(async (bed) => {
      const first = await bed.endpoint('first');
      // Nothing can take the place of a folder that is not empty; unlike a mode, that holds for root as well.
      mkdirSync(join(`${bed.path}.tmp`, 'in-the-way'), { recursive: true, mode: 0o700 });
      const gateway = await bed.next(configOf([first]), keyEnvironment([first]));
      await gateway.until('it was told', () => gateway.log().includes('state.json cannot be written'));
      for (const session of ['one', 'two', 'three']) assert.equal(await say(gateway, session), 'first');
      await endBy(gateway, 'SIGTERM');
      assert.equal(gateway.log().split('state.json cannot be written').length, 2);
      assert.equal(bed.saved(), undefined);
    }),

    'is neither read nor written by the demo': withSuccession(async (bed) => {
      mkdirSync(bed.stateDir, { mode: 0o700 });
      writeFileSync(bed.path, 'not even JSON');
      const gateway = await bed.process({ stateDir: bed.stateDir, args: ['--demo'] });
      await say(gateway, 'one');
      await gateway.control('POST', '/signalbox/endpoints/flaky/disable');
      assert.equal(await gateway.stop(), 0);
      assert.equal(readFileSync(bed.path, 'utf8'), 'not even JSON');
    }),

    'is left alone by a gateway that does not get the port': withSuccession(async (bed) => {
      const { gateway } = await withOpenBreaker(bed);
      await endBy(gateway, 'SIGTERM');
      const taken = await bed.endpoint('taken');
      const before = readFileSync(bed.path, 'utf8');
      const { code } = await runGateway(['--port', new URL(taken.url).port, '--state-dir', bed.stateDir], {}, 15_000);
      assert.equal(code, 2);
      assert.equal(readFileSync(bed.path, 'utf8'), before);
    }),
  });
});

/** Of many requests at once, one tries the endpoint; it fails, and that opens the breaker for longer than the first time. */
async function assertOneTrial(gateway: TestGateway, failing: SimulatedEndpoint): Promise<void> {
  failing.forgetSeen();
  const answered = await Promise.all(Array.from({ length: 10 }, (_, n) => say(gateway, `trial ${n}`)));
  assert.deepEqual(new Set(answered), new Set(['healthy']));
  assert.equal(failing.seen.length, 1);
  const { state, sinceMs, untilMs } = endpointIn(await gateway.status(), 'failing');
  assert.equal(state, 'open');
  // Twice the first 60 s, give or take a quarter.
  assert.ok((untilMs ?? 0) - (sinceMs ?? 0) >= 89_000, `${untilMs} - ${sinceMs}`);
}

/** Times of day of two processes differ by what their two clocks drift apart. */
function assertSameTime(actual: number | null | undefined, expected: number | null | undefined): void {
  assert.ok(Math.abs((actual ?? 0) - (expected ?? Number.NaN)) <= 1000, `${actual} instead of ${expected}`);
}
