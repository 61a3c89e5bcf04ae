import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { qwenCodeCli } from '../../provision/agents.ts';
import { type Agent, type AgentDialect, agentModel } from './agent.ts';

const authTypes: Readonly<Record<AgentDialect, string>> = {
  chat: 'openai',
  messages: 'anthropic',
  responses: 'openai-responses',
};

/** Qwen Code, set up by its environment. */
export const qwenCode: Agent = {
  name: 'Qwen Code',
  dialects: ['chat', 'messages', 'responses'],
  asksAgain: true,
  canResume: true,
  // It loses what a command says right before its end.
  shell: (command) => ({
    name: 'run_shell_command',
    input: { command: `${command}; sleep 0.5`, is_background: false },
  }),
  provision: qwenCodeCli,
  prepare: async ({ dialect, url, token, prompt, home, isResumed }) => {
    await mkdir(path.join(home, '.qwen'), { recursive: true });
    const settings = {
      general: { enableAutoUpdate: false, disableAutoUpdate: true, disableUpdateNag: true },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      memory: { enableManagedAutoMemory: false },
    };
    await writeFile(path.join(home, '.qwen/settings.json'), JSON.stringify(settings));
    const env =
      dialect === 'messages'
        ? { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: token, ANTHROPIC_MODEL: agentModel }
        : { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: token, OPENAI_MODEL: agentModel };
    const program = await qwenCodeCli();
    const args = [program, '--auth-type', authTypes[dialect], '-y', ...(isResumed ? ['--continue'] : []), '-p', prompt];
    return { program: process.execPath, args, env };
  },
};
