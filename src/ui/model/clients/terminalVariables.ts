import type { Snapshot } from '../../../contract/snapshot.ts';
import { claudeService } from '../claudeService.ts';

/** Variables that make clients in terminals use the gateway; may be empty. */
export type TerminalVariables = Readonly<Record<string, string>>;

type Environment = Readonly<Record<string, string | undefined>>;

const proxyNames = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
const loopback = ['127.0.0.1', 'localhost'];

/**
 * The variables for integrated terminals (interface.md, Clients without files): only while an enabled endpoint with a key
 * serves the Anthropic API, by translation or not. If an HTTP proxy is set, `NO_PROXY` keeps loopback traffic away from it.
 */
export function terminalVariables(snapshot: Snapshot, clientToken: string, host: Environment): TerminalVariables {
  const isServed = snapshot.endpoints.some(
    (one) => claudeService(one) !== 'none' && one.isEnabled && one.state !== 'keyMissing',
  );
  if (!isServed || snapshot.gateway.isDraining) return {};
  return { ANTHROPIC_BASE_URL: snapshot.gateway.url, ANTHROPIC_AUTH_TOKEN: clientToken, ...noProxy(host) };
}

function noProxy(host: Environment): TerminalVariables {
  if (proxyNames.every((name) => (host[name] ?? '') === '')) return {};
  const given = [host['NO_PROXY'], host['no_proxy']].flatMap((one) => (one ?? '').split(',')).map((one) => one.trim());
  const names = new Set(given.filter((one) => one !== ''));
  // An asterisk means everything only if it stands alone.
  const value = names.has('*') ? '*' : [...new Set([...names, ...loopback])].join(',');
  return { NO_PROXY: value, no_proxy: value };
}

/** Variables set by the user that ours would override; our own inherited ones do not count. */
export function hiddenVariables(host: Environment, ourUrl: string): readonly string[] {
  if (host['ANTHROPIC_BASE_URL'] === ourUrl) return [];
  const names = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'];
  return names.filter((name) => (host[name] ?? '') !== '');
}
