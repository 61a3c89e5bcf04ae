import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { opencodeCli } from '../../provision/agents.ts';
import { type Agent, type AgentDialect, agentModel } from './agent.ts';

const packages: Readonly<Record<AgentDialect, string>> = {
  chat: '@ai-sdk/openai-compatible',
  messages: '@ai-sdk/anthropic',
  responses: '@ai-sdk/openai',
};

/** opencode with a provider of its own in opencode.json. */
export const opencode: Agent = {
  name: 'opencode',
  dialects: ['chat', 'messages', 'responses'],
  asksAgain: true,
  canResume: true,
  shell: (command) => ({ name: 'bash', input: { command, description: 'a test' } }),
  provision: opencodeCli,
  prepare: async ({ dialect, url, token, prompt, home, isResumed }) => {
    const folder = path.join(home, '.config/opencode');
    await mkdir(folder, { recursive: true });
    const model = `signalbox/${agentModel}`;
    const config = {
      model,
      small_model: model,
      autoupdate: false,
      share: 'disabled',
      provider: {
        signalbox: {
          npm: packages[dialect],
          options: { baseURL: `${url}/v1`, apiKey: token },
          models: { [agentModel]: { name: agentModel, limit: { context: 200_000, output: 8_000 } } },
        },
      },
    };
    await writeFile(path.join(folder, 'opencode.json'), JSON.stringify(config));
    const args = ['run', '--pure', '--auto', ...(isResumed ? ['--continue'] : []), prompt];
    const env = {
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    };
    return { program: await opencodeCli(), args, env };
  },
};
