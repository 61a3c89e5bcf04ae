import { endpointPath } from '../../core/config/baseUrl.ts';
import type { EndpointConfig } from '../../core/config/config.ts';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import { errorInside, readErrorBody } from '../../dialect/readEvidence.ts';
import { addCredential } from '../http/headers.ts';
import { Attempt } from './attempt.ts';
import { collectBody } from './collectBody.ts';
import type { RequestPool } from './endpointPool.ts';

/** The endpoint to ask, with its connections and key. */
export interface ProbeTarget {
  readonly config: EndpointConfig;
  readonly pool: RequestPool;
  readonly key: string | undefined;
  readonly basePath: string;
}

/** The result of requesting the model list. Durations in milliseconds. */
export interface ProbeResult {
  /** `success` for a model list, otherwise the failure. */
  readonly result: AttemptResult;
  readonly status: number | undefined;
  /** Undefined when an open connection was used. */
  readonly connectMs: number | undefined;
  readonly firstByteMs: number | undefined;
  readonly body: Buffer | undefined;
}

const bodyLimitBytes = 4 * 1024 * 1024;

/**
 * Asks an endpoint for its model list with its own key, through its own pool. Costs no tokens, shows whether the endpoint
 * is reachable and accepts the key, and leaves a warm socket behind (behaviour.md §5, §7). `via` lets a gateway detect a
 * loop. Never throws.
 */
export async function probeEndpoint(target: ProbeTarget, timeoutMs: number, via: string): Promise<ProbeResult> {
  const { config, pool } = target;
  const headers = ['accept', 'application/json', 'accept-encoding', 'identity', 'via', via];
  if (config.dialect === 'anthropic') headers.push('anthropic-version', '2023-06-01');
  addCredential(headers, config, target.key);
  for (const name in config.headers) headers.push(name, config.headers[name] as string);
  const path = endpointPath(target.basePath, '/v1/models?limit=1000');
  const request = { method: 'GET', path, headers, body: null } as const;
  const attempt = new Attempt(pool, request, { firstByteMs: timeoutMs, idleMs: timeoutMs });
  const timer = setTimeout(() => attempt.abort({ kind: 'timeout', phase: 'firstByte', afterMs: timeoutMs }), timeoutMs);
  const body = await collectBody(attempt, bodyLimitBytes);
  clearTimeout(timer);
  const { status, firstByteMs } = attempt;
  const connectMs = attempt.isReusedConnection ? undefined : pool.stats().lastConnectMs;
  if (!Buffer.isBuffer(body)) return { result: body, status, connectMs, firstByteMs, body: undefined };
  return { result: judged(attempt, body), status, connectMs, firstByteMs, body };
}

function judged(attempt: Attempt, body: Buffer): AttemptResult {
  const { status = 0 } = attempt;
  if (status >= 200 && status <= 299) {
    const value = jsonOf(body);
    if (value === undefined) return { kind: 'malformed', reason: { code: 'notApiAnswer', status } };
    const error = errorInside(value);
    return error === undefined ? { kind: 'success' } : { kind: 'streamError', phase: 'prelude', place: 'body', error };
  }
  return { kind: 'response', status, header: (name) => attempt.header(name), error: readErrorBody(body) };
}

/** The JSON of a body; null for an empty one, undefined for what is no object. */
function jsonOf(body: Buffer): object | null | undefined {
  if (body.length === 0) return null;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a body is a model list of any API: only that proves that a key was accepted. */
export function isModelList(body: Buffer): boolean {
  const value = jsonOf(body) ?? {};
  if (Array.isArray(value)) return true;
  const { data, models } = value as { data?: unknown; models?: unknown };
  return Array.isArray(data) || Array.isArray(models);
}
