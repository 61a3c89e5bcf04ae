import type { SettingsProblem } from '../gatewayStatus.ts';

/** What VS Code's own settings say of its proxy, as they are written. */
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
 * A configuration for the gateway that takes VS Code's proxy where `signalbox.httpProxy` is not set and `http.proxySupport` is
 * not `off`, and says so in `httpProxyFrom`. Hosts of `http.noProxy` are exempt unless `signalbox.noProxy` names some.
 */
export function withVscodeProxy(document: Document, { proxy, noProxy, support }: VscodeProxy): Document {
  if (isSet(document['httpProxy']) || support === 'off') return document;
  // There `socks:` is what everybody else calls socks5h.
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

/** The configuration without VS Code's proxy, where that is all that is wrong with it; else undefined. */
export function withoutUnusableProxy(document: Document, problems: readonly SettingsProblem[]): Document | undefined {
  const isProxyOnly = problems.length > 0 && problems.every(({ path }) => path === 'httpProxy');
  if (!isProxyOnly || document['httpProxyFrom'] === undefined) return undefined;
  const { httpProxy: _, httpProxyFrom: __, ...rest } = document;
  return rest;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** A problem of a configuration, placed where the person can mend it: VS Code's proxy stands in VS Code's setting. */
export function placedProblem(problem: SettingsProblem, document: Document): SettingsProblem {
  const from = document['httpProxyFrom'];
  return problem.path === 'httpProxy' && typeof from === 'string' ? { ...problem, path: from } : problem;
}
