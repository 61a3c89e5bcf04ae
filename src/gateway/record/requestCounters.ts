import { visibleText } from '../../base/visibleText.ts';
import { costOf, priceOf, promptTokens, tokensOf, type UserPrices } from '../../core/record/prices.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import { endpointOf, requestEnd } from '../../core/record/requestEnd.ts';
import { Counter, type Family, Histogram, type Labels } from './exposition.ts';

/** Clients can send any model name: the first 50 get a label of their own, later ones are `other`. */
const maxModels = 50;
const maxModelLength = 100;
const knownRoutes = new Set(['messages', 'countTokens', 'chat', 'responses', 'embeddings']);

/** Seconds, from an answer out of a cache to the patience of a client. */
const firstByteBounds = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120];
const durationBounds = [0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

/** Counters and histograms over all requests since the start of the process, for `GET /metrics`. */
export class RequestCounters {
  /** The configured prices, used for the requests to come. */
  prices: UserPrices = {};
  readonly #models = new Set<string>();
  readonly #requests = new Counter('signalbox_requests_total', 'Requests of clients, by how they ended.');
  readonly #attempts = new Counter('signalbox_attempts_total', 'Attempts at endpoints, by the class of their result.');
  readonly #failovers = new Counter('signalbox_failovers_total', 'Attempts that followed one at another endpoint.');
  readonly #translated = new Counter(
    'signalbox_translated_attempts_total',
    'Attempts at endpoints that were asked in a format other than that of the client.',
  );
  readonly #tokens = new Counter('signalbox_tokens_total', 'Tokens, cached ones apart from other input.');
  readonly #unpriced = new Counter('signalbox_unpriced_tokens_total', 'Tokens of models that have no price.');
  readonly #cost = new Counter('signalbox_cost_usd_total', 'What tokens cost by the price table, in US dollars.');
  readonly #firstByte = new Histogram(
    'signalbox_first_byte_seconds',
    'From the arrival of a request to the first byte of its answer.',
    firstByteBounds,
  );
  readonly #duration = new Histogram(
    'signalbox_request_duration_seconds',
    'From the arrival of a request to the last byte of its answer.',
    durationBounds,
  );

  count(request: RequestRecord): void {
    const { attempts } = request;
    const endpoint = endpointOf(request);
    const route = knownRoutes.has(request.route) ? request.route : 'other';
    const sentModel = attempts.at(-1)?.sentModel ?? request.model;
    const model = sentModel === undefined ? '' : this.#modelLabel(sentModel);
    this.#requests.add({ endpoint, model, route, end: requestEnd(request) });
    attempts.forEach((attempt, index) => {
      this.#attempts.add({ endpoint: attempt.endpointId, class: attempt.class });
      if (attempt.translation !== undefined)
        this.#translated.add({ endpoint: attempt.endpointId, to: attempt.translation.to });
      const from = attempts[index - 1]?.endpointId ?? attempt.endpointId;
      if (from !== attempt.endpointId) this.#failovers.add({ from, to: attempt.endpointId });
    });
    if (request.firstByteMs !== undefined) this.#firstByte.observe({ endpoint, route }, request.firstByteMs / 1000);
    this.#duration.observe({ endpoint, route }, request.totalMs / 1000);
    this.#countTokens(request, sentModel, { endpoint, model });
  }

  #countTokens({ usage, dialect }: RequestRecord, sentModel: string | undefined, labels: Labels): void {
    if (usage === undefined) return;
    const tokens = tokensOf(usage, dialect);
    const kinds = { input: 'input', output: 'output', cacheRead: 'cache_read', cacheWrite: 'cache_write' } as const;
    for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) {
      if (tokens[kind] > 0) this.#tokens.add({ ...labels, type: kinds[kind] }, tokens[kind]);
    }
    const prompt = promptTokens(tokens);
    const cost = costOf(tokens, priceOf(sentModel, this.prices, prompt));
    if (cost === null) this.#unpriced.add(labels, prompt + tokens.output);
    else this.#cost.add(labels, cost);
  }

  #modelLabel(model: string): string {
    // Two names must not become one label later.
    const name = visibleText(model.slice(0, maxModelLength));
    if (this.#models.size < maxModels) this.#models.add(name);
    return this.#models.has(name) ? name : 'other';
  }

  get families(): readonly Family[] {
    return [
      ...[this.#requests, this.#attempts, this.#failovers, this.#translated, this.#tokens, this.#cost, this.#unpriced],
      ...[this.#firstByte, this.#duration],
    ].map(({ family }) => family);
  }
}
