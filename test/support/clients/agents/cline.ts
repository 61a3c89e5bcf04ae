import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clineCli } from '../../provision/agents.ts';
import { type Agent, type AgentDialect, agentModel } from './agent.ts';

const providers: Readonly<Record<AgentDialect, string>> = {
  chat: 'openai-compatible',
  messages: 'anthropic',
  responses: 'openai-native',
};

/** The Cline CLI with its settings file. It has no way to continue a session but its terminal interface. */
export const cline: Agent = {
  name: 'Cline',
  dialects: ['chat', 'messages', 'responses'],
  asksAgain: false,
  canResume: false,
  shell: (command) => ({ name: 'run_commands', input: { commands: [command] } }),
  provision: clineCli,
  prepare: async ({ dialect, url, token, prompt, home }) => {
    const folder = path.join(home, '.cline/data/settings');
    await mkdir(folder, { recursive: true });
    const provider = providers[dialect];
    const settings = { provider, apiKey: token, model: agentModel, baseUrl: `${url}/v1` };
    const file = {
      version: 1,
      lastUsedProvider: provider,
      providers: { [provider]: { settings, updatedAt: new Date(0).toISOString(), tokenSource: 'manual' } },
    };
    await writeFile(path.join(folder, 'providers.json'), JSON.stringify(file));
    const ownSettings = path.join(folder, 'global-settings.json');
    await writeFile(ownSettings, JSON.stringify({ telemetryOptOut: true, autoUpdateEnabled: false }));
    // Otherwise it starts a daemon that outlives it.
    const env = { CLINE_SESSION_BACKEND_MODE: 'local', CLINE_GLOBAL_SETTINGS_PATH: ownSettings };
    return { program: await clineCli(), args: ['-P', provider, '-m', agentModel, prompt], env };
  },
};
