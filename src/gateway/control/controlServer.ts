import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  checkRequest,
  type HelloAnswer,
  helloRequest,
  keysRequest,
  moveRequest,
  overrideRequest,
  settingsRequest,
} from '../../contract/control.ts';
import { handOverRequest } from '../../contract/handOver.ts';
import { exportRequest, metricsRequest, requestsRequest } from '../../contract/metrics.ts';
import { readRequestBody } from '../../proxy/client/requestBody.ts';
import { type StoreAnswer, StoreUnavailable } from '../../store/storeClient.ts';
import type { Gateway } from '../gateway.ts';
import type { Lifecycle } from '../lifecycle.ts';
import { expositionType } from '../record/exposition.ts';
import type { ConfigureResult, SettingsInForce } from '../settingsInForce.ts';
import { exportRequests } from './exportRequests.ts';

/** The answer to a control request; `stream`: the handler has written it itself. */
type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly text: string; readonly contentType: string }
  /** JSON text from the store's thread. */
  | { readonly status: number; readonly bytes: Uint8Array }
  | { readonly kind: 'stream' };

const bodyLimitBytes = 1024 * 1024;

/** The rest of a request besides its body: the parameters in the URL, and the response for answers that are streamed. */
interface Exchange {
  readonly id: string;
  readonly query: object;
  readonly response: ServerResponse;
}

/** The parts of the process that the control API is for. */
export interface Controlled {
  readonly gateway: Gateway;
  readonly settings: SettingsInForce;
  readonly lifecycle: Lifecycle;
}

type Handler = (controlled: Controlled, body: unknown, exchange: Exchange) => Answer | Promise<Answer>;

/** Routes by method and path; `{id}` is passed on. */
const routes: Readonly<Record<string, Handler>> = {
  'GET /metrics': ({ gateway }) => {
    const text = gateway.records.prometheusText(gateway.snapshot());
    return { status: 200, text, contentType: expositionType };
  },
  'GET /signalbox/metrics': ({ gateway }, _body, { query }) =>
    parsed(metricsRequest, query, (request) => stored(gateway.records.metrics.metrics(request))),
  'GET /signalbox/metrics/requests': ({ gateway }, _body, { query }) =>
    parsed(requestsRequest, query, (request) => stored(gateway.records.metrics.requests(request))),
  'GET /signalbox/metrics/export': ({ gateway }, _body, { query, response }) =>
    parsed(exportRequest, query, (request) => {
      const { health } = gateway.records.metrics;
      if (health.kind === 'off') return metricsOff;
      return exportRequests(gateway.records.metrics, request, response).then(() => ({ kind: 'stream' }));
    }),
  'GET /signalbox/status': ({ gateway }) => ok(gateway.snapshot()),
  'PUT /signalbox/config': async ({ settings }, body) => configured(await settings.take(body)),
  'PUT /signalbox/settings': ({ settings }, body) =>
    parsed(settingsRequest, body, async ({ config, ...push }) => configured(await settings.take(config, push))),
  'PUT /signalbox/keys': ({ settings }, body) =>
    parsed(keysRequest, body, ({ keys, settings: mark }) => {
      const answer = settings.setKeys(keys, mark);
      return answer === undefined ? problem(409, 'other settings are in force') : ok(answer);
    }),
  'POST /signalbox/check': ({ gateway }, body) =>
    parsed(checkRequest, body, async ({ endpoint, key }) => {
      const answer = await gateway.check(endpoint, key ?? undefined);
      return 'problems' in answer ? { status: 422, json: answer } : ok(answer);
    }),
  'POST /signalbox/warmup': async ({ gateway }) => ok({ results: await gateway.actions.warmUpAll() }),
  'POST /signalbox/reset': ({ gateway }) => ok({ reset: gateway.actions.resetAll() }),
  'POST /signalbox/endpoints/{id}/enable': ({ gateway }, _body, { id }) => found(gateway.actions.setEnabled(id, true)),
  'POST /signalbox/endpoints/{id}/disable': ({ gateway }, _body, { id }) =>
    found(gateway.actions.setEnabled(id, false)),
  'POST /signalbox/endpoints/{id}/warmup': async ({ gateway }, _body, { id }) =>
    found(await gateway.actions.warmUp(id)),
  'POST /signalbox/endpoints/{id}/probe': async ({ gateway }, _body, { id }) => found(await gateway.actions.probe(id)),
  'POST /signalbox/endpoints/{id}/reset': ({ gateway }, _body, { id }) => found(gateway.actions.reset(id)),
  'DELETE /signalbox/sessions': ({ gateway }) => ok(gateway.actions.unbindAll()),
  'DELETE /signalbox/sessions/{id}': ({ gateway }, _body, { id }) => found(gateway.actions.unbind(id)),
  'PUT /signalbox/sessions/{id}': ({ gateway }, body, { id }) =>
    parsed(moveRequest, body, ({ endpointId }) => found(gateway.actions.moveSession(id, endpointId))),
  'PUT /signalbox/override': ({ gateway }, body) =>
    parsed(overrideRequest, body, ({ endpointId, minutes }) => found(gateway.actions.setOverride(endpointId, minutes))),
  'DELETE /signalbox/override': ({ gateway }) => ok(gateway.actions.clearOverride()),
  'POST /signalbox/handover': ({ lifecycle }, body) =>
    parsed(handOverRequest, body, async (request) => {
      const result = await lifecycle.handOver(request);
      return result.kind === 'ok' ? ok(result.answer) : problem(result.status, result.message);
    }),
  'POST /signalbox/shutdown': ({ lifecycle }) => {
    if (!lifecycle.shutdown()) return problem(409, 'another gateway serves by now: ask that one');
    return { status: 202, json: { stopping: true } };
  },
};

/**
 * The control API (interface.md, HTTP surface): `healthz` and `hello` for everybody, everything else for clients with the
 * control token. An action is answered with its result.
 */
export class ControlServer {
  readonly #controlled: Controlled;
  readonly #token: Buffer;

  constructor(controlled: Controlled, controlToken: string) {
    this.#controlled = controlled;
    this.#token = Buffer.from(controlToken);
  }

  /** Answers a request that the guard has let in; false when the path does not belong to the control API. */
  handle(request: IncomingMessage, response: ServerResponse, target: string): boolean {
    const path = target.split('?', 1)[0] ?? '';
    if (path === '/healthz' && (request.method === 'GET' || request.method === 'HEAD')) {
      reply(response, { status: 200, json: { status: 'ok' } });
      return true;
    }
    if (!path.startsWith('/signalbox/') && path !== '/metrics') return false;
    this.#answer(request, response, path, target).then(
      (answer) => reply(response, answer),
      (error: unknown) => {
        reply(response, this.#failed(path, error));
      },
    );
    return true;
  }

  #failed(path: string, error: unknown): Answer {
    const { logger } = this.#controlled.gateway;
    if (error instanceof StoreUnavailable) {
      logger.warn('the records cannot be read', { path, why: error.message });
      return problem(503, `what was recorded cannot be read now (${error.message}); try again in a while`);
    }
    logger.error('control request failed', { path, error: String(error) });
    return problem(500, 'an error inside the gateway; see its log');
  }

  async #answer(request: IncomingMessage, response: ServerResponse, path: string, target: string): Promise<Answer> {
    const isHello = path === '/signalbox/hello' && request.method === 'POST';
    if (!isHello && !this.#isAuthorised(request)) return problem(401, 'the control token is missing or wrong');
    if (path === '/signalbox/events' && request.method === 'GET') {
      this.#controlled.gateway.events.subscribe(response);
      return { kind: 'stream' };
    }
    const [pattern, id] = patternOf(path);
    const handler = routes[`${request.method} ${pattern}`];
    if (!isHello && handler === undefined) return problem(404, `there is no ${request.method} ${path}`);
    const read = await readRequestBody(request, { bytes: bodyLimitBytes });
    if (read.kind === 'gone') return { kind: 'stream' };
    if (read.kind === 'refused') return problem(read.status, read.message);
    const body = parseJson(read.body);
    if (body === notJson) return problem(400, 'the body is not JSON');
    if (isHello) return parsed(helloRequest, body, ({ nonce }) => ok(this.#hello(nonce)));
    return handler === undefined
      ? problem(404, 'unknown')
      : handler(this.#controlled, body, { id, query: queryOf(target), response });
  }

  #hello(nonce: string): HelloAnswer {
    const { about, port } = this.#controlled.gateway;
    const { protocol, build, pid, owner } = about;
    const hmac = createHmac('sha256', this.#token).update(`${nonce}:${port}`).digest('hex');
    return { protocol, build, pid, owner, hmac };
  }

  #isAuthorised(request: IncomingMessage): boolean {
    const given = Buffer.from(/^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const isSameLength = given.length === this.#token.length;
    return timingSafeEqual(isSameLength ? given : this.#token, this.#token) && isSameLength;
  }
}

function patternOf(path: string): [string, string] {
  const match = /^(\/signalbox\/(?:endpoints|sessions))\/([^/]+)(\/[a-z]+)?$/.exec(path);
  if (match === null) return [path, ''];
  return [`${match[1]}/{id}${match[3] ?? ''}`, match[2] ?? ''];
}

const notJson = Symbol('not JSON');

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return notJson;
  }
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}

function parsed<T>(schema: Schema<T>, body: unknown, then: (data: T) => Answer | Promise<Answer>) {
  const result = schema.safeParse(body);
  if (result.success) return then(result.data);
  const problems = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return { status: 400, json: { problems } };
}

function configured(result: ConfigureResult): Answer {
  return result.kind === 'ok' ? ok(result.answer) : { status: result.status, json: { problems: result.problems } };
}

function ok(json: unknown): Answer {
  return { status: 200, json };
}

function found(result: unknown): Answer {
  return result === undefined ? problem(404, 'no endpoint or session has this id') : ok(result);
}

const metricsOff = problem(404, 'metrics are off (the setting "metrics.enabled")');

/** Passes on the JSON that the store has written. */
async function stored(asked: Promise<StoreAnswer> | undefined): Promise<Answer> {
  if (asked === undefined) return metricsOff;
  return { status: 200, bytes: (await asked).bytes };
}

function queryOf(target: string): object {
  const at = target.indexOf('?');
  return Object.fromEntries(new URLSearchParams(at === -1 ? '' : target.slice(at + 1)));
}

function problem(status: number, message: string): Answer {
  return { status, json: { problems: [{ path: '', message }] } };
}

function reply(response: ServerResponse, answer: Answer): void {
  if ('kind' in answer || response.destroyed || response.headersSent) return;
  const contentType = 'text' in answer ? answer.contentType : 'application/json';
  response.writeHead(answer.status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end('bytes' in answer ? answer.bytes : 'text' in answer ? answer.text : JSON.stringify(answer.json));
}
