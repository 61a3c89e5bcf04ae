// Real agents and endpoints that are as strict as their vendors: what one sends, the other takes.
import assert from 'node:assert/strict';
import { answers, calls, says, thinks } from '../../../src/simulated/answers.ts';
import { type SimulatedEndpoint, startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type Agent, agentModel } from '../../support/clients/agents/agent.ts';
import { codex } from '../../support/clients/agents/codex.ts';
import { qwenCode } from '../../support/clients/agents/qwenCode.ts';
import { runAgent } from '../../support/clients/agents/runAgent.ts';
import { runClaude } from '../../support/clients/claudeCli.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { claudeCode } from '../../support/provision/provision.ts';

/** Three calls of the agent's tool, two of them at once; other requests of the agent get the usual answer. */
function play(endpoint: SimulatedEndpoint, shell: Agent['shell']): void {
  const call = (word: string) => {
    const { name, input } = shell(`echo ${word}`);
    return calls(name, input);
  };
  const steps = [
    answers(thinks('Two.'), says('I look.'), call('one'), call('two')),
    answers(thinks('Then three.'), call('three')),
    answers(thinks('Enough.'), says('All of it is done.')),
  ];
  const { name } = shell('');
  endpoint.behaveBy((request) => (request.body.includes(`"${name}"`) ? steps.shift() : undefined));
}

async function strictly(
  vendor: 'anthropic' | 'openai' | 'generic',
  shell: Agent['shell'],
  run: (url: string) => Promise<string>,
): Promise<void> {
  const endpoint = await startSimulatedEndpoint({ strict: { vendor, bindsPrefix: true } });
  try {
    play(endpoint, shell);
    const shown = await run(endpoint.url);
    assert.deepEqual(endpoint.findings, []);
    assert.match(shown, /All of it is done\./);
  } finally {
    await endpoint.close();
  }
}

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Says a word' } });

const claude = (model: string) => () =>
  strictly('anthropic', bash, async (url) => {
    const args = ['--dangerously-skip-permissions', '--model', model];
    return (await runClaude({ url, token: 'any', args, env: { IS_SANDBOX: '1' } })).result;
  });

const agent = (one: Agent, vendor: 'openai' | 'generic') => () =>
  strictly(vendor, one.shell, async (url) => {
    const dialect = vendor === 'openai' ? 'responses' : 'chat';
    return (await runAgent(one, { dialect, url, token: 'any' })).stdout;
  });

describe('A strict endpoint takes a loop of calls from', () => {
  before('fetch the agents', async function () {
    this.timeout(600_000);
    await Promise.all([claudeCode(), codex.provision(), qwenCode.provision()]);
  });

  itConcurrently(
    {
      'Claude Code with a model of last year': claude('claude-sonnet-4-5'),
      'Claude Code with a model that thinks between calls': claude('claude-opus-5-5'),
      'Claude Code with a model that binds its thinking': claude('claude-fable-5-1'),
      [`Codex (${agentModel})`]: agent(codex, 'openai'),
      'Qwen Code': agent(qwenCode, 'generic'),
    },
    2,
  );
});
