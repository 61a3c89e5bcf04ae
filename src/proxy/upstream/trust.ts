import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

let known: { readonly extra: string; readonly context: SecureContext | undefined } | undefined;

/**
 * Whom connections trust: Node's own authorities (NODE_EXTRA_CA_CERTS among them), those of the system's store, and `extra`
 * (PEM, or empty for none). Undefined when Node's own are all there are. Gathered at the first call, which takes some 100 ms
 * of everybody's time, and kept until `extra` is another. A store that cannot be read adds nothing. Throws for an `extra`
 * that is no PEM.
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
    // OpenSSL may reject certificates of the system's store.
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
