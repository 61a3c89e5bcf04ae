import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { continueCli } from '../../provision/agents.ts';
import { type Agent, agentModel } from './agent.ts';

/** The Continue CLI with a configuration file. */
export const continueAgent: Agent = {
  name: 'Continue',
  dialects: ['chat', 'messages', 'responses'],
  asksAgain: true,
  canResume: true,
  shell: (command) => ({ name: 'Bash', input: { command } }),
  provision: continueCli,
  prepare: async ({ dialect, url, token, prompt, home, isResumed }) => {
    const file = path.join(home, 'config.yaml');
    const lines = [
      'name: test',
      'version: 1.0.0',
      'schema: v1',
      'models:',
      '  - name: test',
      `    provider: ${dialect === 'messages' ? 'anthropic' : 'openai'}`,
      // This version takes the API by the model's name.
      `    model: ${dialect === 'responses' ? 'gpt-5' : agentModel}`,
      `    apiKey: ${token}`,
      `    apiBase: ${url}/v1/`,
      '    roles: [chat]',
      '    capabilities: [tool_use]',
      '',
    ];
    await writeFile(file, lines.join('\n'));
    const args = [await continueCli(), '--config', file, '--auto', ...(isResumed ? ['--resume'] : []), '-p', prompt];
    return {
      program: process.execPath,
      args,
      env: { CONTINUE_TELEMETRY_ENABLED: '0', CONTINUE_CLI_ENABLE_TELEMETRY: '0' },
    };
  },
};
