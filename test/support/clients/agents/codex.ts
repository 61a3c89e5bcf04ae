import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codexCli } from '../../provision/agents.ts';
import { type Agent, type AgentCommand, type AgentTask, agentModel } from './agent.ts';

/** The Codex CLI with a model provider of its own in config.toml. */
export const codex: Agent = {
  name: 'Codex',
  dialects: ['responses'],
  asksAgain: true,
  canResume: true,
  shell: (cmd) => ({ name: 'exec_command', input: { cmd } }),
  provision: codexCli,
  prepare: (task) => {
    const provider = [
      'model_provider = "signalbox"',
      '[model_providers.signalbox]',
      'name = "Signalbox"',
      `base_url = "${task.url}/v1"`,
      'env_key = "SIGNALBOX_TOKEN"',
      'wire_api = "responses"',
    ];
    return command(task, provider, { SIGNALBOX_TOKEN: task.token });
  },
};

/** The Codex CLI with OpenAI's provider, which is built in and tries a WebSocket first, at another base URL. */
export const codexBuiltIn: Agent = {
  ...codex,
  name: 'Codex with its built-in provider',
  prepare: (task) => command(task, [`openai_base_url = "${task.url}/v1"`], { CODEX_API_KEY: task.token }),
};

async function command(
  { home, prompt, isResumed }: AgentTask,
  provider: readonly string[],
  env: AgentCommand['env'],
): Promise<AgentCommand> {
  const folder = path.join(home, '.codex');
  await mkdir(folder, { recursive: true });
  const quiet = ['check_for_update_on_startup = false', '[analytics]', 'enabled = false'];
  await writeFile(
    path.join(folder, 'config.toml'),
    [`model = "${agentModel}"`, provider[0], ...quiet.slice(0, 1), ...provider.slice(1), ...quiet.slice(1), ''].join(
      '\n',
    ),
  );
  const flags = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'];
  const args = ['exec', ...(isResumed ? ['resume', '--last'] : []), ...flags, prompt];
  return { program: await codexCli(), args, env };
}
