// Endings of an answer, met by the real Claude Code: no turn hangs, none ends with a part that is taken for the whole.
import assert from 'node:assert/strict';
import { type ClaudeRun, runClaude } from '../support/clients/claudeCli.ts';
import { type ClientRig, seenOn, withRig } from '../support/clients/clientRig.ts';
import { answerOf, type StreamEnding, streamEndings } from '../support/endpoints/streamEndings.ts';
import { isLongRun } from '../support/extent.ts';
import { itConcurrently } from '../support/itConcurrently.ts';
import { claudeCode } from '../support/provision/provision.ts';

const inWords = {
  hidden: 'shows what another endpoint answers',
  whole: 'shows all of it',
  broken: 'asks again and shows the whole answer of another endpoint',
  nothing: 'says that there is none',
} as const;

// Whichever way the endpoint cuts it off, this client gets the same from the gateway: the SDKs meet all of them.
const endings = streamEndings.filter(({ isVariant }) => !isVariant);

/** One of each kind: the SDKs meet all of them in every run, and each start of this client costs a second or two. */
const oneOfEach = [
  'cut before content (rst)',
  'cut in the middle of a block (rst)',
  'a stop reason without the last event (rst)',
  'both endpoints: refused',
];

const met = isLongRun ? endings : endings.filter(({ name }) => oneOfEach.includes(name));

const rigOptions = { config: { timeouts: { idleMs: 1000 }, recovery: { enabled: false } } };

describe('Claude Code, whatever way an answer ends,', () => {
  before('fetch the CLI', async function () {
    this.timeout(300_000);
    await claudeCode();
  });

  it('are met one of each kind at least', () => {
    assert.deepEqual(new Set(met.map(({ kind }) => kind)), new Set(endings.map(({ kind }) => kind)));
  });

  itConcurrently(
    Object.fromEntries(met.map((ending) => [`(${ending.name}) ${inWords[ending.kind]}`, () => meet(ending)] as const)),
  );
});

async function meet(ending: StreamEnding): Promise<void> {
  await withRig(rigOptions, async (rig) => {
    for (const endpoint of [rig.first, rig.second]) {
      endpoint.behave({ kind: 'healthy', ...answerOf(endpoint.name) });
    }
    await ending.prepare(rig);
    // Its own ten retries would take three minutes.
    const env = ending.kind === 'nothing' ? { CLAUDE_CODE_MAX_RETRIES: '1' } : {};
    const run = await runClaude({ url: rig.gateway.url, token: rig.token, env, deadlineMs: 90_000 });
    await judge(ending, rig, run);
  });
}

async function judge({ kind }: StreamEnding, rig: ClientRig, run: ClaudeRun): Promise<void> {
  const all = await rig.records(1);
  const told = `${run.stdout.slice(-2000)}\n${run.stderr}`;
  const terminals = all.map(({ terminal }) => terminal);
  const bySecond = seenOn(rig.second, '/v1/messages');
  switch (kind) {
    case 'hidden':
    case 'whole':
      assert.equal(run.result, answerOf(kind === 'whole' ? 'first' : 'second').text, told);
      assert.deepEqual([run.isError, run.retries, terminals], [false, 0, ['ok']]);
      break;
    case 'broken':
      // After a finished block it goes on from what it has, or has a tool's result to tell: all of its next answer counts.
      assert.equal(run.isError, false, told);
      assert.equal(run.result, answerOf('second').text, told);
      assert.deepEqual(terminals, ['truncated', 'ok']);
      assert.equal(all[1]?.endpointId, 'second');
      assert.equal(bySecond.length, 1);
      assert.match(bySecond[0]?.body.toString() ?? '', /"stream":true/, 'and it streams still');
      break;
    case 'nothing':
      assert.equal(run.isError, true, told);
      assert.match(run.result, /50[23] Signalbox: no endpoint could answer/, told);
      assert.ok(terminals.every((terminal) => terminal === 'gatewayError'));
      break;
    default:
      kind satisfies never;
  }
}
