import type { Filter } from '../contract/dashboard.ts';
import type { DashboardTexts } from '../contract/dashboardTexts.ts';
import type { Metrics } from '../contract/metrics.ts';
import { type NameOf, sessionLabel } from './charts/bandModels.ts';
import type { FilterChoices } from './toolbar.ts';

/** The options of the filter: all values seen in the range while the field was not filtered. */
export class FilterOptions {
  readonly #nameOf: NameOf;
  readonly #texts: DashboardTexts;
  #endpoints: readonly string[] = [];
  #models: readonly string[] = [];
  #sessions: readonly (readonly [id: string, text: string])[] = [];

  constructor(nameOf: NameOf, texts: DashboardTexts) {
    this.#nameOf = nameOf;
    this.#texts = texts;
  }

  /** Figures that were asked for with this filter. */
  learn(metrics: Metrics, filter: Filter): void {
    if (filter.endpoint === undefined) this.#endpoints = metrics.endpoints.map(({ endpointId }) => endpointId);
    if (filter.model === undefined) this.#models = metrics.models.map(({ model }) => model);
    if (filter.session === undefined) {
      this.#sessions = metrics.sessions.map(({ sessionId, client }) => [
        sessionId,
        sessionLabel(client, sessionId, this.#texts),
      ]);
    }
  }

  get choices(): FilterChoices {
    const { noEndpoint, unknown } = this.#texts.tables;
    return {
      endpoint: this.#endpoints.map((id) => [id, id === '' ? noEndpoint : this.#nameOf(id)]),
      model: this.#models.map((model) => [model, model === '' ? unknown : model]),
      session: this.#sessions,
    };
  }
}
