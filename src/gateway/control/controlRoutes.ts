import type { ServerResponse } from 'node:http';
import { checkRequest, keysRequest, moveRequest, overrideRequest, settingsRequest } from '../../contract/control.ts';
import { handOverRequest } from '../../contract/handOver.ts';
import { exportRequest, metricsRequest, requestsRequest } from '../../contract/metrics.ts';
import { type BareProblem, toldProblem } from '../../core/config/problem.ts';
import type { StoreAnswer } from '../../store/storeClient.ts';
import type { Gateway } from '../gateway.ts';
import type { Lifecycle } from '../lifecycle.ts';
import { expositionType } from '../record/exposition.ts';
import type { ConfigureResult, SettingsInForce } from '../settingsInForce.ts';
import { exportRequests } from './exportRequests.ts';

/** The answer to a control request; `stream`: the handler has written it itself. */
export type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly text: string; readonly contentType: string }
  /** JSON text from the store's thread. */
  | { readonly status: number; readonly bytes: Uint8Array }
  | { readonly kind: 'stream' };

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

type ControlHandler = (controlled: Controlled, body: unknown, exchange: Exchange) => Answer | Promise<Answer>;

/** The handlers by method and path; `{id}` in a path is a parameter. */
export const controlRoutes: Readonly<Record<string, ControlHandler>> = {
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
      return answer === undefined ? refused(409, 'otherSettings') : ok(answer);
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

/** The routes whose effect a successor would not have if it came during a hand-over; settings look after themselves. */
export const lastingChanges: ReadonlySet<string> = new Set([
  'PUT /signalbox/keys',
  'POST /signalbox/reset',
  'POST /signalbox/endpoints/{id}/enable',
  'POST /signalbox/endpoints/{id}/disable',
  'POST /signalbox/endpoints/{id}/reset',
  'DELETE /signalbox/sessions',
  'DELETE /signalbox/sessions/{id}',
  'PUT /signalbox/sessions/{id}',
  'PUT /signalbox/override',
  'DELETE /signalbox/override',
]);

interface Schema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}

/** Passes a body that fits the schema on to `then`; answers any other with 400 and its problems. */
export function parsed<T>(schema: Schema<T>, body: unknown, then: (data: T) => Answer | Promise<Answer>) {
  const result = schema.safeParse(body);
  if (result.success) return then(result.data);
  const problems = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return { status: 400, json: { problems } };
}

function configured(result: ConfigureResult): Answer {
  return result.kind === 'ok' ? ok(result.answer) : { status: result.status, json: { problems: result.problems } };
}

export function ok(json: unknown): Answer {
  return { status: 200, json };
}

function found(result: unknown): Answer {
  return result === undefined ? refused(404, 'noSuchId') : ok(result);
}

const metricsOff = refused(404, 'metricsOff');

/** Passes on the JSON that the store has written. */
async function stored(asked: Promise<StoreAnswer> | undefined): Promise<Answer> {
  if (asked === undefined) return metricsOff;
  return { status: 200, bytes: (await asked).bytes };
}

/** A refusal whose reason windows know by its code. */
export function refused(status: number, code: BareProblem): Answer {
  return { status, json: { problems: [{ path: '', ...toldProblem({ code }) }] } };
}

/** An answer with one problem, which the message describes. */
export function problem(status: number, message: string): Answer {
  return { status, json: { problems: [{ path: '', message }] } };
}
