import { environmentName } from '../../../base/environmentReference.ts';
import { isRecord } from '../../../base/isRecord.ts';

type Document = Readonly<Record<string, unknown>>;

const leftOut = '[left out]';
/** Properties of an endpoint whose values are never secret. Unknown properties may contain anything. */
const plain =
  /^(?:id|name|dialect|auth|priority|weight|enabled|maxConcurrent|models|modelMap|alsoServes|formats|profile)$/;
const credentialName = /auth|key|token|secret|cookie|pass|credential/i;
/** Path segments that look like a key or an account number rather than a word. */
const secretSegment = /^(?=[^a-z]*[a-z])(?=\D*\d)[\w.~-]{16,}$/i;

/**
 * A configuration without private data: keys, header values, credentials in URLs, queries, and the values of unknown
 * properties. Accepts anything that a user may have written. Pure.
 */
export function shownConfiguration(document: Document): Document {
  return mapped(document, (name, value) => {
    if (name === 'endpoints') return Array.isArray(value) ? value.map(shownEndpoint) : leftOut;
    if (name === 'httpProxy') return shownUrl(value);
    return name === 'clientToken' ? shownReference(value) : value;
  });
}

function shownEndpoint(endpoint: unknown): unknown {
  if (!isRecord(endpoint)) return leftOut;
  return mapped(endpoint, (name, value) => {
    if (plain.test(name)) return value;
    if (name === 'baseUrl' || name === 'httpProxy') return shownUrl(value);
    if (name === 'apiKey') return shownReference(value);
    return name === 'headers' && isRecord(value) ? mapped(value, () => leftOut) : leftOut;
  });
}

function shownReference(value: unknown): unknown {
  const isHarmless = value === null || (typeof value === 'string' && environmentName(value) !== undefined);
  return isHarmless ? value : leftOut;
}

function shownUrl(value: unknown): unknown {
  if (value === null) return null;
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || url.host === '') return `${leftOut}: not a URL`;
  const user = url.username === '' && url.password === '' ? '' : `${leftOut}@`;
  const path = url.pathname.split('/').map((segment) => (secretSegment.test(segment) ? leftOut : segment));
  const rest = url.search === '' && url.hash === '' ? '' : `?${leftOut}`;
  return `${url.protocol}//${user}${url.host}${path.join('/').replace(/^\/$/, '')}${rest}`;
}

/** The values left out above, which must not be shown elsewhere either. */
export function secretsOfConfiguration(document: Document): readonly string[] {
  const endpoints = Array.isArray(document['endpoints']) ? document['endpoints'].filter(isRecord) : [];
  return [
    document['clientToken'],
    ...secretsOfUrl(document['httpProxy']),
    ...endpoints.flatMap((one) => [...secretsOfUrl(one['baseUrl']), ...secretsOfUrl(one['httpProxy'])]),
    ...endpoints.flatMap((one) => Object.entries(one).flatMap(([name, value]) => secretsOf(name, value))),
  ].filter((secret) => typeof secret === 'string' && environmentName(secret) === undefined) as string[];
}

function secretsOf(name: string, value: unknown): unknown[] {
  if (plain.test(name) || name === 'baseUrl' || name === 'httpProxy') return [];
  if (!isRecord(value)) return [value];
  // A header's value may be a common word, which would be removed from every text.
  return Object.entries(value).flatMap(([key, one]) => {
    return credentialName.test(key) || /^\S{20,}$/.test(String(one)) ? [one, String(one).replace(/^\w+ /, '')] : [];
  });
}

/** User name and password in all encodings, and keys in the path. */
export function secretsOfUrl(value: unknown): readonly string[] {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null) return [];
  const { username, password, pathname, search, hash } = url;
  const pair = `${decoded(username)}:${decoded(password)}`;
  const user = username === '' && password === '' ? [] : [password, decoded(password), pair];
  const parts = [...user, ...pathname.split('/').filter((segment) => secretSegment.test(segment))];
  return [...parts, search.slice(1), hash.slice(1), ...url.searchParams.values()].filter((part) => part !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function mapped(document: Document, map: (name: string, value: unknown) => unknown): Document {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, map(name, value)]));
}
