import assert from 'node:assert/strict';
import { anthropicError } from '../../src/simulated/behaviour.ts';
import { type ClaudeRun, runClaude } from '../support/clients/claudeCli.ts';
import { type ClientRig, seenOn, spoken, withRig } from '../support/clients/clientRig.ts';
import { longRun } from '../support/extent.ts';
import { itConcurrently } from '../support/itConcurrently.ts';
import { claudeCode } from '../support/provision/provision.ts';
import { assertStreamed } from '../support/scenes/assertStreamed.ts';

/** The CLI backs off from 0.5 s; ten retries, its default, take three minutes. */
const oneRetry = { CLAUDE_CODE_MAX_RETRIES: '1' };

describe('Claude Code, when there is no answer,', () => {
  before('fetch the CLI', async function () {
    this.timeout(300_000);
    await claudeCode();
  });

  itConcurrently({
    'shows the words of a 400, for which no endpoint is blamed': () =>
      withRig({}, async (rig) => {
        rig.first.behave(anthropicError('invalid_request_error', { message: 'this very request is wrong' }));
        const run = await turn(rig);
        assert.equal(run.isError, true);
        assert.equal(run.result, 'API Error: 400 this very request is wrong');
        const asked = seenOn(rig.first, '/v1/messages').length;
        assert.ok(asked >= 1 && asked <= 6, `${asked} requests`);
        assert.equal(seenOn(rig.second, '/v1/messages').length, 0);
        const { endpoints } = await rig.gateway.status();
        assert.equal(endpoints[0]?.state, 'healthy');
        assert.equal(endpoints[0].breaker.consecutiveFailures, 0);
        for (const record of await rig.records(asked)) assert.equal(record.attempts[0]?.class, 'request');
      }),

    'names all endpoints that are down': () =>
      withRig({}, async (rig) => {
        await Promise.all([rig.first.refuse(), rig.second.refuse()]);
        const run = await turn(rig, oneRetry);
        assert.equal(run.isError, true);
        assert.match(run.result, /503 Signalbox: no endpoint could answer\./);
        assert.match(run.result, /first: connection refused \(\d+ ms\); second: connection refused \(\d+ ms\)/);
        assert.equal(run.retries, 1);
      }),

    'fails at once, with our words, when all keys are refused': () =>
      withRig({ hasWrongKeys: true }, async (rig) => {
        const run = await turn(rig);
        assert.equal(run.isError, true);
        assert.match(
          run.result,
          /403 Signalbox: the API key was refused by every endpoint \(first: "[^"]*API key[^"]*"; second: /,
        );
        assert.equal(run.retries, 0);
        assert.equal((await rig.records(1)).length, 1);
      }),

    'counts tokens': () =>
      withRig({}, async (rig) => {
        const run = await context(rig);
        assert.equal(run.isError, false, run.stdout);
        assert.match(run.result, /Context Usage/);
        assert.ok(seenOn(rig.first, '/v1/messages/count_tokens').length > 10);
        const { endpoints, sessions } = await rig.gateway.status();
        assert.deepEqual(
          endpoints.map(({ state }) => state),
          ['unused', 'unused'],
        );
        assert.equal(sessions.length, 0);
      }),

    ...longRun.rows({
      'drops a feature that the endpoint does not know and gets its answer': () =>
        withRig({}, async (rig) => {
          const message = 'context_management: Extra inputs are not permitted';
          rig.first.behaveBy(({ body }) =>
            body.includes('"context_management":') ? anthropicError('invalid_request_error', { message }) : undefined,
          );
          const run = await turn(rig);
          const asked = seenOn(rig.first, '/v1/messages').length;
          assert.ok(asked > 1, 'the feature was not even tried');
          await assertStreamed(run, rig, rig.first, asked);
          assert.equal(seenOn(rig.second, '/v1/messages').length, 0);
        }),

      'gets its answer after all when an endpoint comes back between its retries': () =>
        withRig({}, async (rig) => {
          await Promise.all([rig.first.refuse(), rig.second.refuse()]);
          const run = turn(rig);
          await rig.records(1);
          await rig.second.listenAgain();
          const { retries } = await run;
          assert.ok(retries >= 1);
          await assertStreamed(await run, rig, rig.second, retries + 1);
        }),

      'names all endpoints whose breakers are open': () =>
        withRig({ config: { breaker: { failureThreshold: 1 } } }, async (rig) => {
          for (const endpoint of [rig.first, rig.second]) endpoint.behave({ kind: 'status', status: 500, body: '' });
          await turn(rig, { CLAUDE_CODE_MAX_RETRIES: '0' });
          const { endpoints } = await rig.gateway.status();
          assert.deepEqual(
            endpoints.map(({ state }) => state),
            ['open', 'open'],
          );
          await Promise.all([rig.first.refuse(), rig.second.refuse()]);
          const run = await turn(rig, { CLAUDE_CODE_MAX_RETRIES: '0' });
          assert.equal(run.isError, true);
          assert.match(run.result, /503 Signalbox: .*first: /);
          assert.match(run.result, /503 Signalbox: .*second: /);
        }),

      'says that its token is wrong': () =>
        withRig({}, async (rig) => {
          const run = await turn({ ...rig, token: 'not-the-token-of-the-gateway' }, oneRetry);
          assert.equal(run.isError, true);
          assert.match(run.result, /401 Signalbox: the client token is missing or wrong/);
          assert.equal(seenOn(rig.first, '/v1/messages').length + seenOn(rig.second, '/v1/messages').length, 0);
        }),

      'goes on where no endpoint can count tokens': () =>
        withRig({}, async (rig) => {
          for (const endpoint of [rig.first, rig.second]) {
            endpoint.behave({ kind: 'status', status: 404 });
          }
          const run = await context(rig);
          assert.equal(run.isError, false, run.stdout);
          assert.match(run.result, /Context Usage/);
          rig.first.behave({ kind: 'healthy', ...spoken('first') });
          const answered = await turn(rig);
          assert.equal(answered.result, spoken('first').text);
        }),
    }),
  });
});

function turn(
  { gateway, token, ear }: Pick<ClientRig, 'gateway' | 'token' | 'ear'>,
  env: Readonly<Record<string, string>> = {},
): Promise<ClaudeRun> {
  return runClaude({ url: gateway.url, token, env, onText: ear.listen() });
}

/** The CLI's command that counts the tokens of everything it would send, part by part. */
function context({ gateway, token }: ClientRig): Promise<ClaudeRun> {
  return runClaude({ url: gateway.url, token, prompt: '/context' });
}
