// The real Claude Code on endpoints of other vendors, by translation: each is as strict as its vendor.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, calls, says, thinks } from '../../src/simulated/answers.ts';
import { anthropicError, type Behaviour } from '../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../src/simulated/simulatedEndpoint.ts';
import { type ClaudeRun, runClaude } from '../support/clients/claudeCli.ts';
import { itConcurrently } from '../support/itConcurrently.ts';
import { claudeCode } from '../support/provision/provision.ts';
import { modelRequests, type Part, type Scene, startScene } from '../support/scenes/scene.ts';

/** An endpoint of each kind, the only one that its gateway has. */
const kinds: Readonly<Record<string, Part>> = {
  'the Responses API of OpenAI': other('openai', { formats: ['responses'] }, 'gpt-5.6'),
  'DeepSeek, which wants its reasoning back': other('deepseek', { formats: ['chat'] }, 'deepseek-v4'),
  'OpenRouter, which wants its reasoning back in details': other('openrouter', { formats: ['chat'] }, 'some/model'),
  'Kimi, whose calls have ids of their own': other('kimi', { formats: ['chat'] }, 'kimi-k3'),
  'a chat endpoint of which nothing is known': other('generic', { formats: ['chat'] }, 'model'),
};

function other(vendor: 'openai' | 'deepseek' | 'openrouter' | 'kimi' | 'generic', config: object, model: string): Part {
  const modelMap = { '*': model };
  return {
    id: 'other',
    config: { dialect: 'openai', alsoServes: ['anthropic'], profile: vendor, modelMap, ...config },
    simulated: { strict: { vendor, bindsPrefix: true } },
  };
}

const bash = (command: string) => calls('Bash', { command, description: 'Says a word' });

/** Plays the steps to the agent's own requests; others, such as that for a title, get the usual answer. */
function play(endpoint: SimulatedEndpoint, steps: Behaviour[]): void {
  endpoint.behaveBy((request) => (request.body.includes('"Bash"') ? steps.shift() : undefined));
}

interface Table {
  readonly scene: Scene;
  readonly endpoint: SimulatedEndpoint;
  readonly home: string;
  readonly run: (prompt?: string, args?: readonly string[]) => Promise<ClaudeRun>;
}

function at(part: Part, test: (table: Table) => Promise<void>): () => Promise<void> {
  return async () => {
    const scene = await startScene({ parts: [part], config: { recovery: { enabled: false } } });
    const home = mkdtempSync(join(tmpdir(), 'signalbox-claude-'));
    try {
      const run = (prompt?: string, more: readonly string[] = []) => {
        const args = ['--dangerously-skip-permissions', '--model', 'claude-opus-5-5', ...more];
        const said = prompt === undefined ? {} : { prompt };
        return runClaude({ url: scene.gateway.url, token: 'any', args, home, env: { IS_SANDBOX: '1' }, ...said });
      };
      await test({ scene, endpoint: scene.endpoint(part.id), home, run });
    } finally {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
      await scene.close();
    }
  };
}

function assertNothingWrong({ endpoint }: Table, { result, isError }: ClaudeRun, said: RegExp): void {
  assert.deepEqual(endpoint.findings, []);
  assert.equal(isError, false, result);
  assert.match(result, said);
}

describe('Claude Code by translation, on', () => {
  before('fetch the CLI', async function () {
    this.timeout(300_000);
    await claudeCode();
  });

  itConcurrently(
    Object.fromEntries(
      Object.entries(kinds).map(([what, part]) => [
        `${what}: a loop of five calls, two of them at once, with thinking over several turns`,
        at(part, async (table) => {
          const steps = [
            answers(thinks('Two.'), says('I look.'), bash('echo one'), bash('echo two')),
            answers(thinks('Then three.'), bash('echo three')),
            answers(bash('echo four')),
            answers(thinks('One more.'), bash('echo five')),
            answers(thinks('Enough.'), says('All of it is done.')),
          ];
          const count = steps.length;
          play(table.endpoint, steps);
          const run = await table.run();
          assertNothingWrong(table, run, /All of it is done\./);
          const own = modelRequests(table.endpoint).filter(({ body }) => body.includes('"Bash"'));
          assert.equal(own.length, count, 'no request more than the turns');
        }),
      ]),
    ),
    2,
  );

  itConcurrently(
    {
      'OpenAI: reads an image and a PDF': at(kinds['the Responses API of OpenAI'] as Part, async (table) => {
        writeFileSync(join(table.home, 'dot.png'), onePixel);
        writeFileSync(join(table.home, 'page.pdf'), onePage);
        play(table.endpoint, [
          answers(calls('Read', { file_path: join(table.home, 'dot.png') })),
          answers(calls('Read', { file_path: join(table.home, 'page.pdf') })),
          answers(says('A dot and a page.')),
        ]);
        assertNothingWrong(table, await table.run(), /A dot and a page\./);
        const last = modelRequests(table.endpoint).at(-1)?.body.toString() ?? '';
        assert.match(last, /"type":"input_image","image_url":"data:image\/png;base64,/);
        assert.match(last, /"type":"input_file"/);
      }),

      'OpenAI: does when its context overflows what it does natively': async () => {
        const natively: Part = { id: 'native', simulated: { strict: { vendor: 'anthropic' } } };
        const seen = await Promise.all([
          overflown(
            natively,
            anthropicError('invalid_request_error', { message: 'prompt is too long: 1300 tokens > 1000 maximum' }),
          ),
          overflown(kinds['the Responses API of OpenAI'] as Part, overflow),
        ]);
        assert.deepEqual(seen[1], seen[0]);
        assert.equal(seen[0]?.hasCompacted, true);
      },

      'OpenAI: counts the tokens of its context': at(kinds['the Responses API of OpenAI'] as Part, async (table) => {
        const run = await table.run('/context');
        assert.equal(run.isError, false, run.result);
        assert.match(run.result, /token/i);
        assert.deepEqual(table.endpoint.findings, []);
      }),

      'DeepSeek: has a subagent do a part of the work': at(
        kinds['DeepSeek, which wants its reasoning back'] as Part,
        async (table) => {
          const task = {
            description: 'look',
            prompt: 'You are the helper: look around.',
            subagent_type: 'general-purpose',
          };
          const own = [
            answers(thinks('Another one may look.'), calls('Agent', task)),
            // It runs in the background, and its end is a turn of its own.
            answers(thinks('It is looking.'), says('The helper is looking.')),
            answers(thinks('It has looked.'), says('The helper has looked.')),
          ];
          const helpers = [answers(thinks('I look.'), bash('echo here')), answers(says('I looked around.'))];
          table.endpoint.behaveBy(({ body }) => {
            if (!body.includes('"Bash"')) return undefined;
            return body.includes('Say hello.') ? own.shift() : helpers.shift();
          });
          assertNothingWrong(table, await table.run(), /The helper has looked\./);
          assert.deepEqual([own.length, helpers.length], [0, 0]);
        },
      ),

      'a chat endpoint: asks again when its answer broke in the middle': at(
        kinds['a chat endpoint of which nothing is known'] as Part,
        async (table) => {
          play(table.endpoint, [
            {
              kind: 'cut',
              at: { afterEvents: 3 },
              how: 'rst',
              answer: { text: 'This answer will not come to its end' },
            },
            answers(says('Now it has come.')),
          ]);
          assertNothingWrong(table, await table.run(), /Now it has come\./);
        },
      ),
    },
    2,
  );
});

/** The end of a conversation whose first request does not fit, and whose summary does. */
async function overflown(part: Part, refusal: Behaviour) {
  let asked = 0;
  let hasOverflown = false;
  let hasCompacted = false;
  let said = '';
  await at(part, async ({ endpoint, run }) => {
    endpoint.behaveBy((request) => {
      const body = request.body.toString();
      if (body.includes('detailed summary')) {
        hasCompacted = true;
        return answers(says('<summary>What was said.</summary>'));
      }
      if (!body.includes('"Bash"')) return undefined;
      asked += 1;
      if (asked <= 2) return answers(says('A step.'), bash(`echo ${asked}`));
      if (hasOverflown) return answers(says('After the summary.'));
      hasOverflown = true;
      return refusal;
    });
    const { result, isError } = await run();
    // A summary is another conversation, as natively.
    assert.deepEqual(
      endpoint.findings.filter(({ kind }) => kind === 'refused'),
      [],
    );
    said = `${isError}: ${result.replace(/prompt is too long.*/is, 'prompt is too long')}`;
  })();
  return { hasOverflown, hasCompacted, said };
}

const overflow: Behaviour = {
  kind: 'status',
  status: 400,
  body: {
    error: {
      message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
      type: 'invalid_request_error',
      param: 'input',
      code: 'context_length_exceeded',
    },
  },
};

const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const onePage = Buffer.from(
  `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`,
);
