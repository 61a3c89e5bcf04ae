import type { Clock } from '../../base/clock.ts';
import { keyFromEnvironment } from '../../base/fromEnvironment.ts';
import { redactor } from '../../base/redactor.ts';
import type { CheckAnswer, ProblemsAnswer } from '../../contract/control.ts';
import { otherBaseUrl } from '../../core/config/baseUrl.ts';
import { type Config, parseConfig, pointsAtUs } from '../../core/config/config.ts';
import { toldProblem } from '../../core/config/problem.ts';
import { EndpointPool } from '../../proxy/upstream/endpointPool.ts';
import { chooseProxy } from '../../proxy/upstream/proxyChoice.ts';
import { askDoors } from './askDoors.ts';
import { type Asked, askEndpoint } from './askEndpoint.ts';
import { basePathOf } from './endpointSet.ts';

/** The parts of the gateway that the check needs. */
interface Surroundings {
  readonly config: Config | undefined;
  readonly authorities: string;
  readonly port: number;
  readonly via: string;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Tries an endpoint that is not saved yet, in a pool of its own that is closed afterwards. Where nothing of the API answers, it
 * finds out whether `/v1` belongs behind the base URL or not; the answer has the base URL to save. Never throws.
 */
export async function checkEndpoint(
  input: unknown,
  givenKey: string | undefined,
  { config, authorities, port, via, clock, env }: Surroundings,
): Promise<CheckAnswer | ProblemsAnswer> {
  const parsed = parseConfig({ endpoints: [input] });
  if (parsed.kind === 'bad') {
    return { problems: parsed.problems.map((one) => ({ ...one, path: one.path.replace(/^endpoints\[0\]\.?/, '') })) };
  }
  const [endpoint] = parsed.config.endpoints;
  if (endpoint === undefined) return { problems: [{ path: '', ...toldProblem({ code: 'missing' }) }] };
  if (pointsAtUs(endpoint.baseUrl, port))
    return { problems: [{ path: 'baseUrl', ...toldProblem({ code: 'pointsAtUs', port }) }] };
  const proxy = chooseProxy(endpoint, config ?? parsed.config, env);
  const pool = new EndpointPool({
    origin: new URL(endpoint.baseUrl).origin,
    httpProxy: proxy?.url,
    authorities,
    connectMs: (config ?? parsed.config).timeouts.connectMs,
    keepAliveMs: 5000,
  });
  const key = givenKey || keyFromEnvironment(endpoint.apiKey, env);
  const asking = { clock, via, proxyFrom: proxy?.from, redact: redactor(key === undefined ? [] : [key]) };
  const ask = async (baseUrl: string) => {
    const one = { ...endpoint, baseUrl };
    return { baseUrl, ...(await askEndpoint({ config: one, pool, key, basePath: basePathOf(one) }, asking)) };
  };
  try {
    const given = await ask(endpoint.baseUrl);
    const otherUrl = isElsewhere(given) ? otherBaseUrl(endpoint.baseUrl, endpoint.dialect) : undefined;
    const other = otherUrl === undefined ? given : await ask(otherUrl);
    const { result, baseUrl, body } = isElsewhere(other) ? given : other;
    const one = { ...endpoint, baseUrl };
    const doors =
      endpoint.dialect === 'openai' && result.isGood
        ? await askDoors({ config: one, pool, key, basePath: basePathOf(one) }, via)
        : {};
    return { result, baseUrl, models: modelIds(body), ...doors };
  } finally {
    pool.destroy();
  }
}

/** The host answers, but not the API, or not under this path. */
function isElsewhere({ result }: Asked): boolean {
  return result.firstByteMs !== null && (result.key === 'notSupported' || result.key === 'unknown');
}

function modelIds(body: Buffer | undefined): string[] {
  try {
    const { data } = JSON.parse(body?.toString('utf8') ?? '{}') as { data?: { id?: unknown }[] };
    return (data ?? []).flatMap(({ id }) => (typeof id === 'string' ? [id] : [])).slice(0, 200);
  } catch {
    return [];
  }
}
