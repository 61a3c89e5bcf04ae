import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

let known: { readonly extra: string; readonly context: SecureContext | undefined } | undefined;

/**
 * The authorities that connections trust: Node's own (NODE_EXTRA_CA_CERTS included), those of the system's store, and
 * `extra` (PEM, empty for none). Undefined when there are only Node's own. Gathered at the first call, which blocks the
 * process for about 100 ms, and cached until `extra` changes. An unreadable store adds nothing. Throws for an `extra` that
 * is not PEM.
 */
export function trustContext(extra: string): SecureContext | undefined {
  if (known?.extra !== extra) known = { extra, context: newContext(extra) };
  return known.context;
}

function newContext(extra: string): SecureContext | undefined {
  const own = new Set(authorities('default'));
  const more = authorities('system').filter((certificate) => !own.has(certificate));
  if (more.length === 0 && extra === '') return undefined;
  const added = extra === '' ? [] : [extra];
  try {
    return createSecureContext({ ca: [...own, ...more, ...added] });
  } catch {
    // OpenSSL may reject certificates from the system's store.
    return extra === '' ? undefined : createSecureContext({ ca: [...own, ...added] });
  }
}

function authorities(store: 'default' | 'system'): readonly string[] {
  try {
    return getCACertificates(store);
  } catch {
    return [];
  }
}
