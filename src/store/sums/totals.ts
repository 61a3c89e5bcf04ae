import type { MetricsSums, Percentiles, TokenSums } from '../../contract/metrics.ts';
import type { OutcomeClass } from '../../core/outcome/outcome.ts';
import { failureClasses } from '../../core/outcome/outcome.ts';
import { costOf, priceOf, promptTokens, type TokenCounts, type UserPrices } from '../../core/record/prices.ts';
import { type RequestEnd, requestEnds } from '../../core/record/requestEnd.ts';
import { type Histogram, percentileMs } from './histogram.ts';
import { type PromptBand, promptBands } from './keptRequest.ts';
import { type EncodedSums, hasLongPrompts, Sums, tokensIn } from './sums.ts';

const bands = [0, 1, 2] as const;
const shortBand = [0] as const;

/** The cost of tokens, and the number of tokens without a price. */
export interface Cost {
  readonly costUsd: number;
  readonly unpricedTokens: number;
}

/** Today's prices, looked up once per model and band. */
export class Pricing {
  readonly #user: UserPrices;
  readonly #known: readonly Map<string, ReturnType<typeof priceOf>>[] = bands.map(() => new Map());

  constructor(user: UserPrices) {
    this.#user = user;
  }

  has(model: string): boolean {
    return this.#priceOf(model, 0) !== null;
  }

  /** The cost of tokens from prompts of one band; null without a price. */
  costOf(model: string, band: PromptBand, tokens: TokenCounts): number | null {
    return costOf(tokens, this.#priceOf(model, band));
  }

  costOfSums(model: string, sums: Sums | EncodedSums): Cost {
    let costUsd = 0;
    let unpricedTokens = 0;
    for (const band of hasLongPrompts(sums) ? bands : shortBand) {
      const tokens = tokensIn(sums, band);
      const all = promptTokens(tokens) + tokens.output;
      if (all === 0) continue;
      const cost = this.costOf(model, band, tokens);
      if (cost === null) unpricedTokens += all;
      else costUsd += cost;
    }
    return { costUsd, unpricedTokens };
  }

  #priceOf(model: string, band: PromptBand): ReturnType<typeof priceOf> {
    const known = this.#known[band]?.get(model);
    if (known !== undefined) return known;
    const price = priceOf(model === '' ? undefined : model, this.#user, promptBands[band] + 1);
    this.#known[band]?.set(model, price);
    return price;
  }
}

/** Sums with their cost, which depends on the model and is therefore added up separately. */
export class Totals {
  readonly sums = new Sums();
  costUsd = 0;
  unpricedTokens = 0;

  include({ sums, costUsd, unpricedTokens }: Totals): void {
    this.add(sums, { costUsd, unpricedTokens });
  }

  add(sums: Sums | EncodedSums, { costUsd, unpricedTokens }: Cost): void {
    sums.addTo(this.sums);
    this.costUsd += costUsd;
    this.unpricedTokens += unpricedTokens;
  }

  get tokens(): TokenSums {
    return allTokens(this.sums);
  }

  answer(): MetricsSums {
    const { sums } = this;
    const requests = sums.get('requests');
    return {
      requests,
      ends: Object.fromEntries(endCounts(sums)),
      firstByteMs: percentiles(sums.histograms.firstByteMs),
      totalMs: percentiles(sums.histograms.totalMs),
      meanTotalMs: requests === 0 ? null : Math.round((sums.get('totalMs') / requests) * 10) / 10,
      tokens: this.tokens,
      costUsd: this.costUsd,
      unpricedTokens: this.unpricedTokens,
      attempts: sums.get('attempts'),
      failures: Object.fromEntries(failureCounts(sums)),
      reusedConnections: sums.get('reused'),
      knownConnections: sums.get('known'),
      failoverMs: percentiles(sums.histograms.failoverMs),
      sameEndpoint: sums.get('sameEndpoint'),
      withPredecessor: sums.get('withPredecessor'),
    };
  }
}

/** Request ends with a count above zero. */
function endCounts(sums: Sums): [RequestEnd, number][] {
  return requestEnds.flatMap((end) => {
    const count = sums.get(`end.${end}`);
    return count === 0 ? [] : [[end, count]];
  });
}

/** Failure classes with a count above zero. */
function failureCounts(sums: Sums): [OutcomeClass, number][] {
  return failureClasses.flatMap((name) => {
    const count = sums.get(`failure.${name}`);
    return count === 0 ? [] : [[name, count]];
  });
}

function percentiles(histogram: Histogram): Percentiles {
  return {
    p50: percentileMs(histogram, 0.5),
    p95: percentileMs(histogram, 0.95),
    p99: percentileMs(histogram, 0.99),
  };
}

function allTokens(sums: Sums): TokenSums {
  const all = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  for (const band of bands) {
    const tokens = tokensIn(sums, band);
    all.input += tokens.input;
    all.output += tokens.output;
    all.cacheRead += tokens.cacheRead;
    all.cacheWrite += tokens.cacheWrite;
  }
  return all;
}
