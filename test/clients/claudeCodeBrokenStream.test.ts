import assert from 'node:assert/strict';
import type { Behaviour } from '../../src/simulated/behaviour.ts';
import { type ClaudeRun, runClaude } from '../support/clients/claudeCli.ts';
import { type ClientRig, seenOn, spoken, withRig, words } from '../support/clients/clientRig.ts';
import { longRun } from '../support/extent.ts';
import { itConcurrently } from '../support/itConcurrently.ts';
import { claudeCode } from '../support/provision/provision.ts';
import { assertStreamed } from '../support/scenes/assertStreamed.ts';

const answer = spoken('first');

/** Failures in the middle of a block that claudeCodeStreamEndings.test.ts does not cover. */
const breaks: Readonly<Record<string, Behaviour>> = {
  'loses its connection': { kind: 'cut', at: { afterEvents: 4 }, how: 'fin', answer },
  'ends as if it were complete': { kind: 'cut', at: { afterEvents: 4 }, how: 'eof', answer },
  'reports an error without an event line': {
    kind: 'streamError',
    at: { afterEvents: 4 },
    errorType: 'api_error',
    form: 'dataOnly',
    answer,
  },
};

const overloaded: Behaviour = {
  kind: 'streamError',
  at: { afterEvents: 4 },
  errorType: 'overloaded_error',
  answer,
};

describe('Claude Code, when its stream breaks', () => {
  before('fetch the CLI', async function () {
    this.timeout(300_000);
    await claudeCode();
  });

  describe('in the middle of a block, asks again and streams from the other endpoint', () => {
    itConcurrently({
      'where it reports that the endpoint is overloaded': () => movesOver(overloaded),
      ...longRun.rows({
        ...Object.fromEntries(
          Object.entries(breaks).map(([what, fault]) => [`where it ${what}`, () => movesOver(fault)]),
        ),
        'without its non-streaming fallback': () =>
          movesOver(overloaded, { CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1' }),
        'in the VS Code extension': () => movesOver(overloaded, { CLAUDE_CODE_ENTRYPOINT: 'claude-vscode' }),
      }),
    });
  });

  describe('elsewhere', () => {
    itConcurrently({
      'continues from what it has after a finished block': () =>
        withRig({ config: { timeouts: { idleMs: 1000 } } }, async (rig) => {
          // A silence, because the CLI may drop what reaches it together with the end of its connection.
          rig.first.behave({ kind: 'hang', at: 'beforeStop', answer });
          const run = await turn(rig);
          await assertStreamed(run, rig, rig.second, 2);
          const asked = seenOn(rig.second, '/v1/messages')[0]?.body.toString() ?? '';
          assert.ok(asked.includes(answer.text), 'what the first has said was dropped');
          assert.match(asked, /cut off mid-stream/);
        }),
      ...longRun.rows({
        'asks the same endpoint again where there is no other': () =>
          withRig({}, async (rig) => {
            await rig.second.refuse();
            rig.first.behaveNext({ kind: 'cut', at: { afterEvents: 4 }, how: 'rst', answer });
            const run = await turn(rig);
            await assertStreamed(run, rig, rig.first, 2);
          }),
      }),
    });
  });
});

function turn({ gateway, token, ear }: ClientRig, env: Readonly<Record<string, string>> = {}): Promise<ClaudeRun> {
  return runClaude({ url: gateway.url, token, env, onText: ear.listen() });
}

/**
 * Words of the first endpoint, then the whole answer of the second: asked for by the CLI, streaming. (How many words of
 * the four is not said: the CLI may drop what it reads together with the end of its connection.)
 */
async function movesOver(fault: Behaviour, env: Readonly<Record<string, string>> = {}): Promise<void> {
  await withRig({ config: { timeouts: { idleMs: 1000 } } }, async (rig) => {
    rig.first.behave(fault);
    const run = await turn(rig, env);
    await assertStreamed(run, rig, rig.second, 2);
    const before = run.deltas.slice(0, -words(spoken('second').text).length);
    assert.deepEqual(before, words(answer.text).slice(0, before.length));
    assert.equal(seenOn(rig.first, '/v1/messages').length, 1);
    assert.equal((await rig.records(2))[0]?.terminal, 'truncated');
  });
}
