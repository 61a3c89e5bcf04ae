// Real agents and endpoints that are as strict as their vendors: what one sends, the other takes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, calls, says, thinks } from '../../../src/simulated/answers.ts';
import type { Behaviour } from '../../../src/simulated/behaviour.ts';
import { startSimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type Agent, agentModel } from '../../support/clients/agents/agent.ts';
import { codex } from '../../support/clients/agents/codex.ts';
import { qwenCode } from '../../support/clients/agents/qwenCode.ts';
import { runAgent } from '../../support/clients/agents/runAgent.ts';
import { runClaude } from '../../support/clients/claudeCli.ts';
import { isLongRun, longRun } from '../../support/extent.ts';
import { itConcurrently } from '../../support/itConcurrently.ts';
import { claudeCode } from '../../support/provision/provision.ts';

const done = answers(thinks('Enough.'), says('All of it is done.'));

/** Three calls of the agent's tool, two of them at once. */
function loop(shell: Agent['shell']): Behaviour[] {
  const call = (word: string) => {
    const { name, input } = shell(`echo ${word}`);
    return calls(name, input);
  };
  return [
    answers(thinks('Two.'), says('I look.'), call('one'), call('two')),
    answers(thinks('Then three.'), call('three')),
    done,
  ];
}

/** The kinds of content that Claude Code's tools bring: an image, a document, a search, errors, a deferred tool. */
function everyContent(home: string): Behaviour[] {
  const [image, document] = [join(home, 'a.png'), join(home, 'a.pdf')];
  writeFileSync(image, Buffer.from(smallestImage, 'base64'));
  writeFileSync(document, smallestDocument);
  const { name, input } = bash('exit 3');
  return [
    answers(thinks('Look.'), calls('Read', { file_path: image }), calls('Read', { file_path: document })),
    answers(thinks('Search.'), calls('WebSearch', { query: 'weather' })),
    answers(thinks('Fail.'), calls(name, input), calls('NoSuchTool', { a: 1 })),
    answers(thinks('Find.'), calls('ToolSearch', { query: 'select:WebFetch', max_results: 3 })),
    done,
  ];
}

const smallestImage =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const smallestDocument = [
  '%PDF-1.4',
  '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
  '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj',
  'trailer<</Size 4/Root 1 0 R>>',
  '%%EOF',
  '',
].join('\n');

/** Plays the steps to an agent, whose requests with tools take them in turn; others get the usual answer. */
async function strictly(
  vendor: 'anthropic' | 'openai' | 'generic',
  { tool, steps }: { readonly tool: string; readonly steps: Behaviour[] },
  run: (url: string) => Promise<string>,
): Promise<void> {
  const endpoint = await startSimulatedEndpoint({ strict: { vendor, bindsPrefix: true } });
  const left = [...steps];
  endpoint.behaveBy((request) => (request.body.includes(`"${tool}"`) ? left.shift() : undefined));
  try {
    const shown = await run(endpoint.url);
    assert.deepEqual(endpoint.findings, []);
    assert.deepEqual(left, []);
    assert.match(shown, /All of it is done\./);
  } finally {
    await endpoint.close();
  }
}

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Says a word' } });

const claude =
  (model: string, steps: (home: string) => Behaviour[] = () => loop(bash)) =>
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'signalbox-strict-'));
    try {
      await strictly('anthropic', { tool: 'Bash', steps: steps(home) }, async (url) => {
        const args = ['--dangerously-skip-permissions', '--model', model];
        return (await runClaude({ home, url, token: 'any', args, env: { IS_SANDBOX: '1' } })).result;
      });
    } finally {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  };

const agent = (one: Agent, vendor: 'openai' | 'generic') => () =>
  strictly(vendor, { tool: one.shell('').name, steps: loop(one.shell) }, async (url) => {
    const dialect = vendor === 'openai' ? 'responses' : 'chat';
    return (await runAgent(one, { dialect, url, token: 'any' })).stdout;
  });

describe('A strict endpoint takes a loop of calls from', () => {
  before('fetch the agents', async function () {
    this.timeout(600_000);
    await Promise.all([claudeCode(), codex.provision(), ...(isLongRun ? [qwenCode.provision()] : [])]);
  });

  itConcurrently(
    {
      'Claude Code with a model of last year': claude('claude-sonnet-4-5'),
      'Claude Code with a model that thinks between calls': claude('claude-opus-5-5'),
      'Claude Code with a model that binds its thinking': claude('claude-fable-5-1'),
      'Claude Code with every kind of content': claude('claude-opus-4-8', everyContent),
      [`Codex (${agentModel})`]: agent(codex, 'openai'),
      ...longRun.rows({ 'Qwen Code': agent(qwenCode, 'generic') }),
    },
    2,
  );
});
