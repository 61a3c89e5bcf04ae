import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, calls } from '../../src/simulated/answers.ts';
import type { Behaviour } from '../../src/simulated/behaviour.ts';
import type { SeenRequest } from '../../src/simulated/exchange.ts';
import { type ClaudeRun, runClaude } from '../support/clients/claudeCli.ts';
import { type ClientRig, seenOn, spoken, withRig } from '../support/clients/clientRig.ts';
import { longRun } from '../support/extent.ts';
import { itConcurrently } from '../support/itConcurrently.ts';
import { claudeCode } from '../support/provision/provision.ts';
import { assertStreamed } from '../support/scenes/assertStreamed.ts';

const sessionHeader = 'x-claude-code-session-id';
const agentHeader = 'x-claude-code-agent-id';

/** Without affinity every other request would go to the other endpoint. */
const spread = { config: { strategy: 'roundRobin' } };

describe('A Claude Code session', () => {
  before('fetch the CLI', async function () {
    this.timeout(300_000);
    await claudeCode();
  });

  itConcurrently({
    'stays where it went when its stream broke': () =>
      withRig({}, async (rig) => {
        const session = new Session(rig);
        try {
          rig.first.behaveNext({ kind: 'cut', at: { afterEvents: 4 }, how: 'rst', answer: spoken('first') });
          await assertStreamed(await session.turn(), rig, rig.second, 2);
          await assertStreamed(await session.turn(), rig, rig.second, 3);
          assert.equal(seenOn(rig.first, '/v1/messages').length, 1);
        } finally {
          session.forget();
        }
      }),

    'takes its subagents along': () =>
      withRig(spread, async (rig) => {
        const choose = delegating();
        for (const endpoint of [rig.first, rig.second]) endpoint.behaveBy(choose);
        const run = await runClaude({ url: rig.gateway.url, token: rig.token });
        assert.equal(run.exitCode, 0, run.stdout);

        const home = seenOn(rig.first, '/v1/messages').length > 0 ? rig.first : rig.second;
        const other = home === rig.first ? rig.second : rig.first;
        assert.equal(seenOn(other, '/v1/messages').length, 0);
        const seen = seenOn(home, '/v1/messages');
        assert.deepEqual(new Set(seen.map(({ headers }) => headers[sessionHeader])), new Set([run.sessionId]));
        const agents = new Set(seen.map(({ headers }) => headers[agentHeader]));
        assert.equal(agents.size, 2, 'the session itself, and its one subagent');
        assert.ok(agents.has(undefined));
        const { sessions } = await rig.gateway.status();
        assert.deepEqual(
          sessions.map(({ endpointId }) => endpointId),
          [home.name, home.name],
        );
        const reasons = (await rig.records(seen.length)).map(({ attempts }) => attempts[0]?.chosenBecause);
        assert.ok(reasons.includes('its parent is bound there'), reasons.join(', '));
      }),

    // Eight starts of the CLI.
    ...longRun.rows({
      'stays on one endpoint over its turns while sessions are spread': () =>
        withRig(spread, async (rig) => {
          const sessions = Array.from({ length: 4 }, () => new Session(rig));
          try {
            const [one, two, three, four] = sessions as [Session, Session, Session, Session];
            await Promise.all([one.turn(), two.turn()]);
            await Promise.all([three.turn(), four.turn()]);
            const homes = sessions.map((session) => session.endpoints());
            assert.deepEqual(homes.flat().toSorted(), ['first', 'first', 'second', 'second']);

            await Promise.all([one.turn(), three.turn()]);
            await Promise.all([one.turn(), four.turn()]);
            assert.deepEqual(one.endpoints(), [homes[0], homes[0], homes[0]].flat());
            assert.deepEqual(three.endpoints(), [homes[2], homes[2]].flat());
            assert.deepEqual(four.endpoints(), [homes[3], homes[3]].flat());
          } finally {
            for (const session of sessions) session.forget();
          }
        }),
    }),
  });
});

/** One conversation of the CLI, on a disk of its own. */
class Session {
  readonly #rig: ClientRig;
  readonly #id = randomUUID();
  readonly #home = mkdtempSync(join(tmpdir(), 'signalbox-claude-'));
  #turns = 0;

  constructor(rig: ClientRig) {
    this.#rig = rig;
  }

  async turn(): Promise<ClaudeRun> {
    const { gateway, token, ear } = this.#rig;
    const args = [this.#turns === 0 ? '--session-id' : '--resume', this.#id];
    this.#turns += 1;
    const run = await runClaude({ url: gateway.url, token, args, home: this.#home, onText: ear.listen() });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.sessionId, this.#id);
    return run;
  }

  /** The endpoint of each of its requests. */
  endpoints(): string[] {
    return [this.#rig.first, this.#rig.second].flatMap((endpoint) =>
      seenOn(endpoint, '/v1/messages').flatMap(({ headers }) =>
        headers[sessionHeader] === this.#id ? [endpoint.name] : [],
      ),
    );
  }

  forget(): void {
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The endpoint asked first calls the tool that starts a subagent, by the name that the request offers it under. */
function delegating(): (request: SeenRequest) => Behaviour | undefined {
  let hasDelegated = false;
  return ({ path, body }) => {
    if (hasDelegated || !path.startsWith('/v1/messages')) return undefined;
    const { tools } = JSON.parse(body.toString()) as { tools?: { name: string }[] };
    const tool = tools?.find(({ name }) => name === 'Agent' || name === 'Task');
    if (tool === undefined) return undefined;
    hasDelegated = true;
    const input = { description: 'look around', prompt: 'Say what you see.', subagent_type: 'general-purpose' };
    return answers(calls(tool.name, input));
  };
}
