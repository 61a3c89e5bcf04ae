import type { SettingsProblem } from '../gatewayStatus.ts';

/** VS Code's own proxy settings, unchecked. */
export interface VscodeProxy {
  /** `http.proxy` */
  readonly proxy: unknown;
  /** `http.noProxy` */
  readonly noProxy: unknown;
  /** `http.proxySupport` */
  readonly support: unknown;
}

type Document = Readonly<Record<string, unknown>>;

/**
 * Adds VS Code's proxy to a configuration if `signalbox.httpProxy` is not set and `http.proxySupport` is not `off`, and notes
 * that in `httpProxyFrom`. `http.noProxy` applies unless `signalbox.noProxy` has entries.
 */
export function withVscodeProxy(document: Document, { proxy, noProxy, support }: VscodeProxy): Document {
  if (isSet(document['httpProxy']) || support === 'off') return document;
  // VS Code writes `socks:` for socks5h.
  const httpProxy = typeof proxy === 'string' ? proxy.trim().replace(/^socks:/i, 'socks5h:') : '';
  const own = document['noProxy'];
  const hosts = Array.isArray(noProxy) ? noProxy.filter((host) => typeof host === 'string' && host !== '') : [];
  const isOwnEmpty = !isSet(own) || (Array.isArray(own) && own.length === 0);
  return {
    ...document,
    ...(httpProxy === '' ? {} : { httpProxy, httpProxyFrom: 'http.proxy' }),
    ...(isOwnEmpty && hosts.length > 0 ? { noProxy: hosts } : {}),
  };
}

/** The configuration without VS Code's proxy, if that is its only problem; otherwise undefined. */
export function withoutUnusableProxy(document: Document, problems: readonly SettingsProblem[]): Document | undefined {
  const isProxyOnly = problems.length > 0 && problems.every(({ path }) => path === 'httpProxy');
  if (!isProxyOnly || document['httpProxyFrom'] === undefined) return undefined;
  const { httpProxy: _, httpProxyFrom: __, ...rest } = document;
  return rest;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** A problem at the place where the user can fix it: VS Code's proxy is in VS Code's own setting. */
export function placedProblem(problem: SettingsProblem, document: Document): SettingsProblem {
  const from = document['httpProxyFrom'];
  return problem.path === 'httpProxy' && typeof from === 'string' ? { ...problem, path: from } : problem;
}
