// Errors of the request itself: the real clients are done with them as soon through the gateway as without it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anthropicError, type Behaviour, type StreamError } from '../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import type { Agent } from '../../support/clients/agents/agent.ts';
import { codex, codexBuiltIn } from '../../support/clients/agents/codex.ts';
import { runAgent } from '../../support/clients/agents/runAgent.ts';
import { runClaude } from '../../support/clients/claudeCli.ts';
import { keyOf, spoken, withRig } from '../../support/clients/clientRig.ts';
import { longRun } from '../../support/extent.ts';
import { type Case, itConcurrently } from '../../support/itConcurrently.ts';
import { codexCli } from '../../support/provision/agents.ts';
import { claudeCode } from '../../support/provision/provision.ts';

interface Target {
  readonly url: string;
  readonly token: string;
  readonly home: string;
}

/** Puts a question to the target and resolves with what the client shows in the end. */
type Ask = (target: Target) => Promise<string>;

const page: Behaviour = {
  kind: 'status',
  status: 413,
  contentType: 'text/html',
  body: '<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>nginx/1.24.0</body>\r\n</html>\r\n',
};

function event(message: string): StreamError {
  return { kind: 'streamError', at: 'afterStart', errorType: 'invalid_request_error', message };
}

const contextFull: StreamError = {
  kind: 'streamError',
  at: 'afterStart',
  errorType: 'context_length_exceeded',
  message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
  form: 'failed',
};

const wrong = 'this very request is wrong';
const tooLong = 'prompt is too long: 210000 tokens > 200000 maximum';

describe('An error of the request is over for', () => {
  before('fetch the CLIs', async function () {
    this.timeout(600_000);
    await Promise.all([claudeCode(), codexCli()]);
  });

  itConcurrently(
    {
      'Codex as soon as directly when its context is full': asSoon(
        askCodex(codex),
        contextFull,
        /ran out of room in the model's context window/,
      ),
      'Codex at once when a stream begins with an error of the request': asSoon(
        askCodex(codex),
        event(wrong),
        /this very request is wrong/,
      ),
      'Claude Code as soon as directly on a 413 page': asSoon(askClaude, page, /^Request too large/),
      ...longRun.rows({
        'Codex as soon as directly on a 413 page': asSoon(askCodex(codex), page, /413 Payload Too Large/),
        'Claude Code at the start of a stream as soon as directly by a 400': asSoon(
          askClaude,
          event(wrong),
          /^API Error: 400 this very request is wrong$/,
          anthropicError('invalid_request_error', { message: wrong }),
        ),
        'Claude Code as soon as directly when its only prompt is too long': asSoon(
          askClaude,
          event(tooLong),
          /^Prompt is too long/,
          anthropicError('invalid_request_error', { message: tooLong }),
        ),
        'Claude Code, which compacts a longer conversation as it does directly by a 400': compacts,
      }),
    },
    2,
  );
});

describe("Codex' built-in provider", () => {
  before('fetch it', async function () {
    this.timeout(600_000);
    await codexCli();
  });

  itConcurrently({
    'leaves its WebSocket for a POST at once': () =>
      withRig({ dialect: 'openai' }, async ({ gateway, token, first, second }) => {
        const run = await runAgent(codexBuiltIn, { dialect: 'responses', url: gateway.url, token });
        assert.equal(run.exitCode, 0, run.stderr);
        assert.equal(run.stdout.trim(), spoken('first').text);
        assert.doesNotMatch(run.stderr, /Reconnecting/);
        assert.deepEqual([requestsOf(first), requestsOf(second)], [1, 0]);
      }),
  });
});

/**
 * Through the gateway the client sends no more requests than it does directly (to an endpoint that may tell the error
 * another way), all of them to one endpoint that nobody blames, and shows these words.
 */
function asSoon(ask: Ask, fault: Behaviour, words: RegExp, toldDirectly = fault): Case {
  return () =>
    withRig({ dialect: ask === askClaude ? 'anthropic' : 'openai' }, async (rig) => {
      rig.first.behave(toldDirectly);
      await inHome((home) => ask({ url: rig.first.url, token: keyOf(rig.first), home }));
      const directly = requestsOf(rig.first);
      rig.first.forgetSeen();
      for (const endpoint of [rig.first, rig.second]) endpoint.behave(fault);

      assert.match(await inHome((home) => ask({ url: rig.gateway.url, token: rig.token, home })), words);
      assert.ok(requestsOf(rig.first) <= directly, `${requestsOf(rig.first)} requests, directly ${directly}`);
      assert.equal(requestsOf(rig.second), 0);
      const { endpoints } = await rig.gateway.status();
      assert.deepEqual(
        endpoints.map(({ state, breaker }) => [state, breaker.consecutiveFailures]),
        [
          ['healthy', 0],
          ['unused', 0],
        ],
      );
    });
}

/** In the second turn the prompt is too long once. The requests for the compaction are the same, and as many. */
function compacts(): Promise<void> {
  return withRig({}, async (rig) => {
    const { first, second, gateway } = rig;
    const converse = (url: string, token: string, fault: Behaviour): Promise<number[]> =>
      inHome(async (home) => {
        await askClaude({ url, token, home });
        first.forgetSeen();
        first.behaveNext(fault);
        const { result, retries } = await runClaude({ url, token, home, args: ['--continue'] });
        assert.deepEqual([result, retries], [spoken('first').text, 0]);
        return first.seen.flatMap(({ method, body }) =>
          method === 'POST' ? [(JSON.parse(body.toString()) as { messages: unknown[] }).messages.length] : [],
        );
      });
    const status = anthropicError('invalid_request_error', { message: tooLong });
    const messages = await converse(first.url, keyOf(first), status);
    assert.ok(messages.length > 2, 'directly it does not compact');
    assert.deepEqual(await converse(gateway.url, rig.token, event(tooLong)), messages);
    assert.equal(requestsOf(second), 0);
  });
}

async function askClaude({ url, token, home }: Target): Promise<string> {
  return (await runClaude({ url, token, home })).result;
}

function askCodex(agent: Agent): Ask {
  return async ({ url, token, home }) => {
    const { stdout, stderr } = await runAgent(agent, { dialect: 'responses', url, token, home });
    return `${stdout}\n${stderr.split('\n').findLast((line) => line.startsWith('ERROR')) ?? ''}`.trim();
  };
}

async function inHome<T>(use: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-agent-'));
  try {
    return await use(home);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function requestsOf({ seen }: SimulatedEndpoint): number {
  return seen.filter(({ method }) => method === 'POST').length;
}
