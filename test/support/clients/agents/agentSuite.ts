import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Behaviour, cloudflarePage } from '../../../../src/simulated/behaviour.ts';
import { type Case, itConcurrently } from '../../itConcurrently.ts';
import { type ClientRig, type RigOptions, spoken, withRig } from '../clientRig.ts';
import type { Agent, AgentDialect } from './agent.ts';
import { AgentScript } from './agentScript.ts';
import { type AgentRun, runAgent } from './runAgent.ts';

/** Failures before the first content of an answer, besides a refused connection. */
const faults: readonly Behaviour[] = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429 },
  { ...cloudflarePage(), kind: 'status', status: 200 },
  // Late enough for a connection that was not stale.
  { kind: 'cut', at: 'beforeHeaders', how: 'rst', answer: { firstByteDelayMs: 300 } },
  { kind: 'streamError', at: 'afterStart', errorType: 'overloaded_error' },
  { kind: 'streamError', at: 'afterStart', errorType: 'api_error' },
];

const answer = { ...spoken('broken'), eventDelayMs: 20 };
const midBlock = { afterEvents: 4 } as const;

/** Ends of an answer whose content has begun. */
const breaks: Readonly<Record<string, Behaviour>> = {
  'is reset': { kind: 'cut', at: midBlock, how: 'rst', answer },
  'ends as if it were complete': { kind: 'cut', at: midBlock, how: 'eof', answer },
  'reports that the endpoint is overloaded': {
    kind: 'streamError',
    at: midBlock,
    errorType: 'overloaded_error',
    answer,
  },
  'reports another error': { kind: 'streamError', at: midBlock, errorType: 'api_error', answer },
};

const failed: Readonly<Record<string, Behaviour>> = {
  'reports a failed response': {
    kind: 'streamError',
    at: midBlock,
    errorType: 'server_is_overloaded',
    form: 'failed',
    answer,
  },
};

/** The tests of a real agent in each dialect that it speaks; several of its starts at the same time. */
export function agentSuite(agent: Agent): void {
  describe(agent.name, () => {
    before('fetch it', async function () {
      this.timeout(600_000);
      await agent.provision();
    });

    itConcurrently(Object.assign({}, ...agent.dialects.map((dialect) => casesOf(agent, dialect))), 2);
  });
}

function casesOf(agent: Agent, dialect: AgentDialect): Readonly<Record<string, Case>> {
  const brokenOff = { ...breaks, ...(dialect === 'responses' ? failed : {}) };
  return {
    [`(${dialect}) works on whichever way the first endpoint fails before content`]: () => failsOver(agent, dialect),
    [`(${dialect}) stays on one endpoint in a session`]: () => staysInSession(agent, dialect),
    ...(agent.asksAgain
      ? {
          [`(${dialect}) asks again after a stream that broke off, and ends with the whole answer`]: () =>
            asksAgain(agent, dialect, Object.values(brokenOff)),
        }
      : Object.fromEntries(
          Object.entries(brokenOff).map(([what, fault]) => [
            `(${dialect}) shows no part of an answer as the whole when its stream ${what}`,
            () => endsWholeOrWithError(agent, dialect, fault),
          ]),
        )),
  };
}

/** Every request fails at the first endpoint and is answered by the second, which the agent does not notice. */
async function failsOver(agent: Agent, dialect: AgentDialect): Promise<void> {
  await withAgentRig(dialect, { config: { affinity: { enabled: false } } }, async (rig) => {
    const script = new AgentScript(agent, [rig.first, rig.second]);
    const calls = faults.map(() => script.call());
    const recover = (): Promise<unknown> => rig.gateway.control('POST', '/signalbox/reset');
    const steps = faults.flatMap((fault, index) => {
      const { step } = calls[index] ?? script.call();
      const isLast = index === faults.length - 1;
      const next = (): Promise<unknown> => recover().then(() => (isLast ? rig.first.refuse() : undefined));
      return [fault, (): Behaviour => ({ ...step, after: next() })];
    });
    script.play(steps);
    const ended = await run(agent, dialect, rig);
    assertEndedWell(ended, rig.second.name);
    for (const { assertBack } of calls) assertBack();
    assert.deepEqual(
      script.asked.map(({ endpoint }) => endpoint),
      [...faults.flatMap(() => ['first', 'second']), 'second'],
    );
  });
}

/** The same conversation, with a tool call in it and a second run where the agent can continue, asks one endpoint. */
async function staysInSession(agent: Agent, dialect: AgentDialect): Promise<void> {
  await withAgentRig(dialect, { config: { strategy: 'roundRobin' } }, async (rig) => {
    const home = mkdtempSync(join(tmpdir(), 'signalbox-agent-'));
    try {
      const script = new AgentScript(agent, [rig.first, rig.second]);
      const { step, assertBack } = script.call();
      script.play([step]);
      const bound = (): string => script.asked[0]?.endpoint ?? 'none';
      assertEndedWell(await run(agent, dialect, rig, { home }), bound());
      assertBack();
      if (agent.canResume) {
        const resumed = { home, isResumed: true, prompt: 'Say it again.' };
        assertEndedWell(await run(agent, dialect, rig, resumed), bound());
      }
      const expected = Array.from({ length: agent.canResume ? 3 : 2 }, bound);
      assert.deepEqual(
        script.asked.map(({ endpoint }) => endpoint),
        expected,
      );
    } finally {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

/** After each break the agent asks once more; between two breaks it runs a tool. */
async function asksAgain(agent: Agent, dialect: AgentDialect, brokenOff: readonly Behaviour[]): Promise<void> {
  await withAgentRig(dialect, {}, async (rig) => {
    const script = new AgentScript(agent, [rig.first, rig.second]);
    const half = script.halfCall();
    const all = [...brokenOff, half.step];
    const calls = all.map(() => script.call());
    const steps = all.flatMap((fault, index) => [fault, calls[index]?.step ?? fault]);
    script.play(steps);
    const ended = await run(agent, dialect, rig);
    assertEndedWell(ended, script.asked.at(-1)?.endpoint ?? 'none');
    for (const { assertBack } of calls) assertBack();
    half.assertDropped();
    assert.equal(script.asked.length, steps.length + 1);
  });
}

/** Which of the two it is depends on whether the agent had read something before the break. */
async function endsWholeOrWithError(agent: Agent, dialect: AgentDialect, fault: Behaviour): Promise<void> {
  await withAgentRig(dialect, {}, async (rig) => {
    const script = new AgentScript(agent, [rig.first, rig.second]);
    script.play([fault]);
    const ended = await run(agent, dialect, rig);
    if (script.asked.length > 1) assertEndedWell(ended, script.asked.at(-1)?.endpoint ?? 'none');
    else assert.notEqual(ended.exitCode, 0, `${ended.stdout}\n${ended.stderr}`);
  });
}

function withAgentRig(dialect: AgentDialect, options: RigOptions, use: (rig: ClientRig) => Promise<void>) {
  return withRig({ ...options, dialect: dialect === 'messages' ? 'anthropic' : 'openai' }, use);
}

function run(
  agent: Agent,
  dialect: AgentDialect,
  { gateway, token }: ClientRig,
  more: { readonly home?: string; readonly isResumed?: boolean; readonly prompt?: string } = {},
): Promise<AgentRun> {
  return runAgent(agent, { dialect, url: gateway.url, token, ...more });
}

/** The agent shows the whole answer of this endpoint and says that it was well. */
function assertEndedWell(run: AgentRun, endpoint: string): void {
  const told = `${run.stdout}\n${run.stderr.slice(-4000)}`;
  assert.equal(run.exitCode, 0, told);
  assert.ok(run.stdout.includes(spoken(endpoint).text), told);
}
