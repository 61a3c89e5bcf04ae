import { endpointPath } from '../../core/config/baseUrl.ts';
import { addCredential } from '../http/headers.ts';
import { Attempt } from './attempt.ts';
import { collectBody } from './collectBody.ts';
import type { ProbeTarget } from './probe.ts';

const emptyBody = Buffer.from('{}');
const bodyLimitBytes = 64 * 1024;

/**
 * The status of an endpoint's answer to `POST` of an empty JSON object: 404 or 405 where it lacks the path, mostly 400 or 422
 * where it has it. Costs no tokens. Undefined without an answer in time; never rejects.
 */
export async function askEmpty(
  { config, pool, key, basePath }: ProbeTarget,
  clientPath: string,
  { timeoutMs, via }: { readonly timeoutMs: number; readonly via: string },
): Promise<number | undefined> {
  const headers = ['accept', 'application/json', 'accept-encoding', 'identity', 'content-type', 'application/json'];
  headers.push('via', via);
  if (clientPath === '/v1/messages') headers.push('anthropic-version', '2023-06-01');
  addCredential(headers, config, key);
  for (const name in config.headers) headers.push(name, config.headers[name] as string);
  const request = { method: 'POST', path: endpointPath(basePath, clientPath), headers, body: emptyBody };
  const attempt = new Attempt(pool, request, { firstByteMs: timeoutMs, idleMs: timeoutMs });
  const timer = setTimeout(() => attempt.abort({ kind: 'timeout', phase: 'firstByte', afterMs: timeoutMs }), timeoutMs);
  await collectBody(attempt, bodyLimitBytes);
  clearTimeout(timer);
  return attempt.status;
}
