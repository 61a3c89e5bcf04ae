import { SharedQuestions } from '../base/sharedQuestions.ts';
import type { DialectName } from '../core/config/config.ts';
import type { DataPath, Endpoint } from './dataPath.ts';
import { probeEndpoint } from './upstream/probe.ts';

interface Model {
  readonly id: string;
  readonly displayName: string;
  readonly createdMs: number;
}

/** The range of a Date (ECMA-262); later times are nonsense. */
const latestDateMs = 8.64e15;
const freshMs = 60_000;
/** Claude Code waits 3 s for the list (clients.md §1). */
const answerWithinMs = 2500;

/** The models of all enabled endpoints in one list, each endpoint's kept for a minute (behaviour.md §1.1). */
export class ModelList {
  readonly #asked = new SharedQuestions<Endpoint, readonly Model[] | undefined>();
  /** By the pool: an endpoint that was removed, or moved to another address, takes its list along. */
  readonly #known = new WeakMap<Endpoint['pool'], { readonly models: readonly Model[]; readonly atMs: number }>();

  /** The list as the dialect's JSON, for a client's request with this `via`; undefined when no endpoint ever listed any. */
  async json(dialect: DialectName, dataPath: DataPath, clientVia: string | undefined): Promise<string | undefined> {
    const via = clientVia === undefined ? `1.1 ${dataPath.viaMark}` : `${clientVia}, 1.1 ${dataPath.viaMark}`;
    const endpoints = dataPath.states.flatMap((state) => {
      const endpoint = dataPath.endpoints.get(state.config.id);
      return endpoint !== undefined && state.isEnabled && state.hasKey ? [endpoint] : [];
    });
    const lists = await Promise.all(endpoints.map((endpoint) => this.#modelsOf(endpoint, dataPath, via)));
    if (lists.every((list) => list === undefined)) return undefined;
    const byId = new Map<string, Model>();
    for (const model of lists.flatMap((list) => list ?? [])) if (!byId.has(model.id)) byId.set(model.id, model);
    return render(dialect, [...byId.values()]);
  }

  async #modelsOf(endpoint: Endpoint, dataPath: DataPath, via: string): Promise<readonly Model[] | undefined> {
    const known = this.#known.get(endpoint.pool);
    const nowMs = dataPath.clock.now().mono;
    if (known !== undefined && nowMs - known.atMs < freshMs) return known.models;
    const models = await this.#asked.ask(endpoint, () => this.#ask(endpoint, nowMs, via));
    return models ?? known?.models ?? named(endpoint.state.config.models);
  }

  async #ask(endpoint: Endpoint, nowMs: number, via: string): Promise<readonly Model[] | undefined> {
    const { config } = endpoint.state;
    const target = { config, pool: endpoint.pool, key: endpoint.key, basePath: endpoint.basePath };
    const { result, body } = await probeEndpoint(target, answerWithinMs, via);
    const models = result.kind === 'success' && body !== undefined ? parse(body) : undefined;
    if (models !== undefined) this.#known.set(endpoint.pool, { models, atMs: nowMs });
    return models;
  }
}

/** The models that the configuration names without wildcards, for endpoints that list none. */
function named(patterns: readonly string[] | undefined): readonly Model[] | undefined {
  const ids = patterns?.filter((pattern) => !pattern.includes('*')) ?? [];
  return ids.length === 0 ? undefined : ids.map((id) => ({ id, displayName: id, createdMs: 0 }));
}

function parse(body: Buffer): readonly Model[] | undefined {
  try {
    const { data } = JSON.parse(body.toString('utf8')) as { data?: unknown };
    if (!Array.isArray(data)) return undefined;
    return data.flatMap((entry: Record<string, unknown> | null) => {
      const id = entry?.['id'];
      if (typeof id !== 'string' || id === '') return [];
      const name = entry?.['display_name'];
      return [{ id, displayName: typeof name === 'string' ? name : id, createdMs: createdMs(entry) }];
    });
  } catch {
    return undefined;
  }
}

function createdMs(entry: Record<string, unknown> | null): number {
  const seconds = entry?.['created'];
  const ms = typeof seconds === 'number' ? seconds * 1000 : Date.parse(String(entry?.['created_at'] ?? ''));
  return Math.abs(ms) <= latestDateMs ? ms : 0;
}

function render(dialect: DialectName, models: readonly Model[]): string {
  if (dialect === 'openai') {
    const data = models.map(({ id, createdMs: ms }) => ({
      id,
      object: 'model',
      created: Math.floor(ms / 1000),
      owned_by: 'signalbox',
    }));
    return JSON.stringify({ object: 'list', data });
  }
  const data = models.map(({ id, displayName, createdMs: ms }) => ({
    type: 'model',
    id,
    display_name: displayName,
    created_at: new Date(ms).toISOString(),
  }));
  const [first, last] = [models[0]?.id ?? null, models.at(-1)?.id ?? null];
  return JSON.stringify({ data, has_more: false, first_id: first, last_id: last });
}
