import { environmentName } from '../../base/environmentReference.ts';
import type { Config } from '../../core/config/config.ts';

export interface StartTextOptions {
  readonly url: string;
  readonly config: Config;
  /** The file with the token that the gateway has made itself. */
  readonly tokenPath: string;
  /** As Node names it: `win32` gets PowerShell, others a POSIX shell. */
  readonly platform: NodeJS.Platform;
}

/** Commands that connect clients to a gateway that has just started, for a person at a terminal. */
export function startText({ url, config, tokenPath, platform }: StartTextOptions): string {
  const shell = platform === 'win32' ? powerShell : posix;
  const token = tokenText(config.clientToken, tokenPath, shell);
  const dialects = new Set(config.endpoints.filter(({ enabled }) => enabled).map(({ dialect }) => dialect));
  const anthropic = [
    'Claude Code and Anthropic SDKs, in another terminal:',
    `  ${shell.set('ANTHROPIC_BASE_URL', shell.quoted(url))}`,
    `  ${shell.set('ANTHROPIC_AUTH_TOKEN', token)}`,
    '  claude',
  ];
  const openai = [
    'OpenAI SDKs and Codex, in another terminal:',
    `  ${shell.set('OPENAI_BASE_URL', shell.quoted(`${url}/v1`))}`,
    `  ${shell.set('OPENAI_API_KEY', token)}`,
    `  ${codexCommand(url)}`,
  ];
  const blocks = [dialects.has('anthropic') ? anthropic : [], dialects.has('openai') ? openai : []];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => `${lines.join('\n')}\n`);
  return shown.length === 0 ? '' : `\n${shown.join('\n')}\n`;
}

/** Codex reads no base URL from its environment. */
function codexCommand(url: string): string {
  const provider = `{name='Signalbox',base_url='${url}/v1',env_key='OPENAI_API_KEY',wire_api='responses'}`;
  return `codex -c model_provider=signalbox -c "model_providers.signalbox=${provider}"`;
}

interface Shell {
  set(name: string, value: string): string;
  quoted(text: string): string;
  variable(name: string): string;
  contentOf(path: string): string;
}

const posix: Shell = {
  set: (name, value) => `export ${name}=${value}`,
  quoted: (text) => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`),
  variable: (name) => `"$${name}"`,
  contentOf: (path) => `"$(cat ${posix.quoted(path)})"`,
};

const powerShell: Shell = {
  set: (name, value) => `$env:${name} = ${value}`,
  quoted: (text) => `'${text.replaceAll("'", "''")}'`,
  variable: (name) => `$env:${name}`,
  contentOf: (path) => `Get-Content -Raw ${powerShell.quoted(path)}`,
};

/** A token that stands in the file is a secret that a terminal need not show. */
function tokenText(clientToken: string | null | undefined, tokenPath: string, shell: Shell): string {
  if (clientToken === undefined) return shell.contentOf(tokenPath);
  if (clientToken === null) return shell.quoted('any-text');
  const name = environmentName(clientToken);
  return name === undefined ? shell.quoted('the clientToken of the configuration file') : shell.variable(name);
}
