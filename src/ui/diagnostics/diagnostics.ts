import { homedir } from 'node:os';
import { environmentName } from '../../base/environmentReference.ts';
import { protocolVersion } from '../../contract/snapshot.ts';
import type { StateFiles } from '../link/stateFiles.ts';
import type { GatewayStatus, SettingsProblem } from '../model/gatewayStatus.ts';
import type { EndpointSetting } from '../model/settings/endpointSettings.ts';
import { secretsOfConfiguration, secretsOfUrl } from '../model/settings/shownConfiguration.ts';
import { secretsOfEnvironment } from '../model/settings/withoutSecrets.ts';
import { diagnosticsText } from '../model/texts/diagnosticsText.ts';
import type { ApiKeys } from '../settings/apiKeys.ts';
import { logTail, stateListing, tokensIn } from './stateListing.ts';

/** Put in by the build: version and content hash. */
declare const SIGNALBOX_BUILD: string | undefined;
const build = typeof SIGNALBOX_BUILD === 'string' ? SIGNALBOX_BUILD : '0.0.0+source';

/** The sources of diagnostics. */
export interface DiagnosticsSources {
  readonly status: GatewayStatus;
  readonly problems: readonly SettingsProblem[];
  readonly settings: {
    readonly document: Readonly<Record<string, unknown>>;
    readonly endpoints: readonly EndpointSetting[];
  };
  readonly windowSettings: Readonly<Record<string, unknown>>;
  readonly keys: ApiKeys;
  readonly state: StateFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** VS Code's version, name and environment. */
  readonly host: Readonly<Record<string, string>>;
}

const logLines = 200;
/** Variables that affect clients and gateway. Only their names are shown. */
const telling =
  /^(?:(?:HTTPS?|ALL|NO)_PROXY|NODE_EXTRA_CA_CERTS|NODE_OPTIONS|SSL_CERT_\w+|(?:ANTHROPIC|OPENAI|CLAUDE)_\w+)$/i;
const proxyVariable = /^(?:https?|all)_proxy$/i;

/**
 * A Markdown document for bug reports without secrets (security.md 9). Uses only this window's knowledge and the state folder,
 * so it works without a gateway.
 */
export async function diagnostics(sources: DiagnosticsSources): Promise<string> {
  const { status, problems, settings, windowSettings, keys, state, env } = sources;
  const { document, endpoints } = settings;
  const variables = Object.keys(env).filter((name) => env[name] !== undefined && env[name] !== '');
  return diagnosticsText({
    writtenAt: new Date().toISOString(),
    versions: { ...versionsOf(status), ...sources.host },
    status,
    document,
    windowSettings,
    problems,
    keys: await keySources(keys, endpoints),
    log: logTail(state.folder, logLines),
    lastWords: state.lastWords(),
    folder: stateListing(state.folder),
    variables: variables.filter((name) => telling.test(name)).sort(),
    secrets: [
      ...(await keys.secrets(endpoints)),
      ...tokensIn(state.folder),
      ...secretsOfConfiguration(document),
      ...secretsOfEnvironment(env),
      ...variables.filter((name) => proxyVariable.test(name)).flatMap((name) => secretsOfUrl(env[name])),
    ],
    places: [[state.folder, '<state folder>'] as const, [homedir(), '~'] as const].filter(([path]) => path.length > 3),
  });
}

function versionsOf(status: GatewayStatus): Readonly<Record<string, string>> {
  const running = status.kind === 'running' ? status.snapshot.gateway : undefined;
  const other = status.kind === 'failed' && status.failure.kind === 'otherProtocol' ? status.failure.build : undefined;
  return {
    extension: build,
    gateway: running?.build ?? other ?? 'not running',
    'protocol of the extension': protocolVersion,
    'protocol of the gateway': running?.protocol ?? (other === undefined ? 'not running' : 'another major version'),
    'Node.js': process.versions.node,
    system: `${process.platform} ${process.arch}`,
  };
}

async function keySources(keys: ApiKeys, endpoints: readonly EndpointSetting[]): Promise<Record<string, string>> {
  const found = await keys.all(endpoints);
  const stored = await keys.all(endpoints.map((one) => ({ ...one, apiKey: '' })));
  const sourceOf = ({ id, apiKey, auth }: EndpointSetting): string => {
    if (stored[id] !== undefined) return 'secret storage';
    const name = environmentName(apiKey);
    if (name !== undefined) return found[id] === undefined ? `env:${name}, which is not set` : `env:${name}`;
    if (keys.hadKey(id)) return 'was in the secret storage, which has lost it';
    return auth === 'none' ? 'none needed' : 'none';
  };
  return Object.fromEntries(endpoints.map((one) => [one.id, sourceOf(one)]));
}
