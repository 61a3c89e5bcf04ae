import { BlockList, isIP } from 'node:net';

import type { Config, EndpointConfig } from '../../core/config/config.ts';
import { givenProxyUrl } from '../../core/config/proxyUrl.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy on the way to an endpoint. */
export interface ProxyChoice {
  readonly url: string;
  /** The setting that names it: `endpoint`, `httpProxy`, `http.proxy`, or the name of an environment variable. */
  readonly from: string;
}

/**
 * The proxy of an endpoint; undefined for a direct connection. The endpoint's own proxy comes first, then the common one,
 * then that of the environment (`HTTPS_PROXY` or `HTTP_PROXY` by the endpoint's scheme, then `ALL_PROXY`). `noProxy` and
 * `NO_PROXY` exempt hosts from the last two. Proxies of VS Code and the environment are not for hosts on this machine.
 */
export function chooseProxy(
  { baseUrl, httpProxy: own }: Pick<EndpointConfig, 'baseUrl' | 'httpProxy'>,
  { httpProxy: common, httpProxyFrom, noProxy }: Pick<Config, 'httpProxy' | 'httpProxyFrom' | 'noProxy'>,
  env: Environment,
): ProxyChoice | undefined {
  if (own !== null) return { url: own, from: 'endpoint' };
  const target = targetOf(baseUrl);
  if ([...noProxy, ...listed(env)].some((entry) => isExempt(target, entry))) return undefined;
  if (common !== null && httpProxyFrom === undefined) return { url: common, from: 'httpProxy' };
  if (isLoopback(target.host)) return undefined;
  if (common !== null) return { url: common, from: httpProxyFrom ?? 'httpProxy' };
  for (const name of target.isSecure ? ['HTTPS_PROXY', 'ALL_PROXY'] : ['HTTP_PROXY', 'ALL_PROXY']) {
    for (const from of [name, name.toLowerCase()]) {
      const url = givenProxyUrl(env[from] ?? '');
      if (url !== undefined) return { url, from };
    }
  }
  return undefined;
}

/** The environment variables that should name a proxy but hold no proxy URL. */
export function unusableProxyVariables(env: Environment): string[] {
  const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  return names.filter((name) => (env[name] ?? '') !== '' && givenProxyUrl(env[name] ?? '') === undefined);
}

interface Target {
  readonly host: string;
  readonly port: string;
  readonly isSecure: boolean;
}

function targetOf(baseUrl: string): Target {
  const { hostname, port, protocol } = new URL(baseUrl);
  const isSecure = protocol === 'https:';
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port || (isSecure ? '443' : '80'), isSecure };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}

function listed(env: Environment): string[] {
  return (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
}

/** An entry is `*`, a host, `.domain` or `*.domain` (both include the domain), an address, or a range; with a port or without. */
function isExempt({ host, port }: Target, given: string): boolean {
  const entry = given.trim().toLowerCase();
  if (entry === '*') return true;
  if (entry.includes('/')) return isInRange(host, entry);
  if (isIP(entry) === 6) return host === entry;
  const [, bracketed, plain = '', entryPort] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain.replace(/^\*?\./, '');
  if (name === '' || (entryPort !== undefined && entryPort !== port)) return false;
  return host === name || host.endsWith(`.${name}`);
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIP(network);
  const width = Number(bits);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits) || width > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, width, type);
  return list.check(host, type);
}
