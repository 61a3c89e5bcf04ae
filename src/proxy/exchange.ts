import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instant } from '../base/clock.ts';
import type { EndpointConfig, FormatName } from '../core/config/config.ts';
import { mappedModel } from '../core/config/modelName.ts';
import { type SessionKey, sessionKeyOf } from '../core/routing/sessionKey.ts';
import { RequestFields } from '../dialect/requestFields.ts';
import type { Encoded } from '../dialect/translation/form/target.ts';
import type { Route } from './client/routes.ts';
import type { DataPath, Endpoint } from './dataPath.ts';
import { RequestTranslation, type TranslatedFormat } from './translation/requestTranslation.ts';

/** A request that the guard let in, with its body. */
export interface AcceptedRequest {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Exclude<Route, { kind: 'models' }>;
  readonly body: Buffer;
  readonly startedAt: Instant;
}

/** One client request and the data path that answers it. Nothing here changes while the request is being answered. */
export class Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: AcceptedRequest['route'];
  readonly startedAt: Instant;
  readonly dataPath: DataPath;
  readonly fields: RequestFields;
  /** Undefined where sessions are not bound to endpoints, or the request belongs to none. */
  readonly session: SessionKey | undefined;
  /** The endpoint that made what the request refers to: no other one has it. Undefined where it refers to nothing known. */
  readonly holder: string | undefined;
  /** The endpoint stores what it makes of this request, and later requests may refer to it. */
  readonly isStored: boolean;
  /** The client's name from its user agent: `claude-cli/2.1.330`. */
  readonly clientName: string | undefined;
  /** The request takes no permit, slot or retry budget, and leaves breaker and session as they are (behaviour.md §4). */
  readonly isUncounted: boolean;
  #translation: RequestTranslation | undefined;

  constructor({ id, request, response, route, body, startedAt }: AcceptedRequest, dataPath: DataPath) {
    this.id = id;
    this.request = request;
    this.response = response;
    this.route = route;
    this.startedAt = startedAt;
    this.dataPath = dataPath;
    this.fields = new RequestFields(body);
    const isOfResponses = route.path.startsWith('/v1/responses');
    const hasSession = route.kind === 'model' || (isOfResponses && request.method === 'POST');
    this.session = dataPath.config.affinity.enabled && hasSession ? this.#sessionKey() : undefined;
    // Nothing is searched while nothing is stored.
    this.holder = dataPath.affinity.references.size > 0 ? this.#holder() : undefined;
    const stores = route.kind === 'model' ? route.name === 'responses' : request.method === 'POST';
    this.isStored = stores && this.fields.isStored();
    const agent = request.headers['user-agent']?.split(' ', 1)[0];
    // Redacted before it is cut: half a token would not be recognised.
    this.clientName = agent === undefined ? undefined : dataPath.redact(agent).slice(0, 64);
    this.isUncounted = route.kind !== 'model' || route.name === 'countTokens';
  }

  /** Milliseconds since the request arrived. */
  elapsedMs(): number {
    return this.dataPath.clock.now().mono - this.startedAt.mono;
  }

  /** The model's name at this endpoint. */
  sentModel({ modelMap }: EndpointConfig): string | undefined {
    const { model } = this.fields;
    return model === undefined ? undefined : mappedModel(modelMap, model);
  }

  /** The request in other formats, read when it is asked for first. */
  get translation(): RequestTranslation {
    const { translation } = this.dataPath.config;
    this.#translation ??= new RequestTranslation({
      body: this.fields.body,
      sessionId: this.session?.id,
      carriesReasoning: translation.carryReasoning,
    });
    return this.#translation;
  }

  /** The first thing in the request that a translation for this endpoint cannot carry; undefined where it can be sent. */
  unmet(config: EndpointConfig, format: FormatName): string | undefined {
    const endpoint = this.dataPath.endpoints.get(config.id);
    if (endpoint === undefined || format === 'messages') return undefined;
    const encoded = this.translated(endpoint, format);
    return encoded.kind === 'refused' ? encoded.path : undefined;
  }

  /** The request as an endpoint gets it by translation. */
  translated(endpoint: Endpoint, format: TranslatedFormat): Encoded {
    const { config } = endpoint.state;
    const model = this.sentModel(config) ?? '';
    const refusedFields = endpoint.state.refusedFields.of(model, this.dataPath.clock.now().mono);
    return this.translation.encoded({ config, key: endpoint.key, format, model, refusedFields });
  }

  /** Some endpoint would get a copy of the body with its own name of the model. */
  get copiesBody(): boolean {
    return this.dataPath.states.some(({ config }) => this.sentModel(config) !== this.fields.model);
  }

  #holder(): string | undefined {
    const { affinity, clock, endpoints } = this.dataPath;
    const ofPath = this.route.kind === 'once' ? (this.route.path.split('?', 1)[0] ?? '').split('/').slice(3) : [];
    const holder = affinity.references.holderOf([...ofPath, ...this.fields.references()], clock.now().mono);
    return holder !== undefined && endpoints.has(holder) ? holder : undefined;
  }

  #sessionKey(): SessionKey | undefined {
    const { headers } = this.request;
    return sessionKeyOf({
      header: (name) => {
        const value = headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
      userId: () => this.fields.userId(),
      promptCacheKey: () => this.fields.promptCacheKey(),
      opening: () => this.fields.opening(),
    });
  }
}
