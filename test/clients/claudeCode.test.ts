import assert from 'node:assert/strict';
import { type Behaviour, cloudflarePage } from '../../src/simulated/behaviour.ts';
import { type ClaudeOptions, runClaude } from '../support/clients/claudeCli.ts';
import { type ClientRig, keyOf, seenOn, withRig } from '../support/clients/clientRig.ts';
import { longRun } from '../support/extent.ts';
import { itConcurrently } from '../support/itConcurrently.ts';
import { claudeCode } from '../support/provision/provision.ts';
import { assertStreamed } from '../support/scenes/assertStreamed.ts';

/** Failures before the first content of an answer. */
const faults: Readonly<Record<string, Behaviour>> = {
  'answers 529': { kind: 'status', status: 529 },
  'reports an error in the stream before content': {
    kind: 'streamError',
    at: 'afterStart',
    errorType: 'overloaded_error',
  },
};

/** Further ones, for which the CLI need not start each time: the gateway's own tests have them all. */
const moreFaults: Readonly<Record<string, Behaviour>> = {
  'answers 500': { kind: 'status', status: 500 },
  'answers 503': { kind: 'status', status: 503 },
  'answers 429': { kind: 'status', status: 429, headers: { 'retry-after': '30' } },
  'answers with an HTML page': cloudflarePage(502),
  'answers 200 with an HTML page': { ...cloudflarePage(), kind: 'status', status: 200 },
  'drops the socket before headers': { kind: 'cut', at: 'beforeHeaders', how: 'rst' },
  'resets the stream after its headers': { kind: 'cut', at: 'afterHeaders', how: 'rst' },
  'ends the stream after its headers': { kind: 'cut', at: 'afterHeaders', how: 'eof' },
  'cuts the stream before content': { kind: 'cut', at: 'afterStart', how: 'rst' },
  'refuses its key': { kind: 'status', status: 401 },
  'never answers': { kind: 'hang', at: 'beforeHeaders' },
};

describe('Claude Code', () => {
  before('fetch the CLI', async function () {
    this.timeout(300_000);
    await claudeCode();
  });

  describe('gets its answer streaming', () => {
    itConcurrently({
      'when both endpoints are up': () =>
        withRig({}, async (rig) => {
          const run = await runClaude(rigged(rig));
          await assertStreamed(run, rig, rig.first);
          assert.equal(seenOn(rig.second, '/v1/messages').length, 0);
        }),
      'when the first endpoint refuses connections': () =>
        withRig({}, async (rig) => {
          await rig.first.refuse();
          const run = await runClaude(rigged(rig));
          await assertStreamed(run, rig, rig.second);
          assert.equal(run.retries, 0, 'the CLI has noticed');
        }),
      ...Object.fromEntries(
        Object.entries({ ...faults, ...longRun.rows(moreFaults) }).map(([what, fault]) => [
          `when the first endpoint ${what}`,
          () => failsOver(fault),
        ]),
      ),
    });
  });

  describe('reaches the gateway', () => {
    itConcurrently({
      'with its token as ANTHROPIC_API_KEY': () =>
        reaches(({ token }) => ({ env: { ANTHROPIC_API_KEY: token, ANTHROPIC_AUTH_TOKEN: '' } })),
      ...longRun.rows({
        'by a base URL with /v1': () => reaches(({ gateway }) => ({ url: `${gateway.url}/v1` })),
        'by the name localhost': () => reaches(({ gateway }) => ({ url: `http://localhost:${gateway.port}` })),
        'with another API key besides its token': () =>
          reaches(() => ({ env: { ANTHROPIC_API_KEY: 'key-of-somebody-else' } })),
        'when it takes the gateway for an HTTP proxy': () =>
          reaches(({ gateway: { url } }) => ({ env: { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '' } })),
        'from the VS Code extension': () => reaches(() => ({ env: { CLAUDE_CODE_ENTRYPOINT: 'claude-vscode' } })),
      }),
    });
  });
});

async function failsOver(fault: Behaviour): Promise<void> {
  await withRig({ config: { timeouts: { firstByteMs: 500 } } }, async (rig) => {
    rig.first.behave(fault);
    const run = await runClaude(rigged(rig));
    await assertStreamed(run, rig, rig.second);
    assert.equal(run.retries, 0, 'the CLI has noticed');
    assert.ok(seenOn(rig.first, '/v1/messages').length >= 1);
  });
}

/** The CLI's request arrives unchanged except for the credentials, which are the endpoint's. */
async function reaches(way: (rig: ClientRig) => Partial<ClaudeOptions>): Promise<void> {
  await withRig({}, async (rig) => {
    const run = await runClaude({ ...rigged(rig), ...way(rig) });
    await assertStreamed(run, rig, rig.first);
    const [seen] = seenOn(rig.first, '/v1/messages');
    assert.ok(seen !== undefined);
    assert.equal(seen.path, '/v1/messages?beta=true');
    assert.equal(seen.headers['x-api-key'], keyOf(rig.first));
    assert.equal(seen.headers['authorization'], undefined);
    assert.equal(seen.headers['anthropic-version'], '2023-06-01');
    assert.match(seen.headers['anthropic-beta'] ?? '', /claude-code-/);
    assert.match(seen.headers['user-agent'] ?? '', /^claude-cli\/2\.1\.330 /);
    assert.equal((await rig.records(1))[0]?.bytesIn, seen.body.length);
  });
}

function rigged({ gateway, token, ear }: ClientRig): ClaudeOptions {
  return { url: gateway.url, token, onText: ear.listen() };
}
