import type { MetricsSums, Percentiles, RequestEnd, TokenSums } from '../contract/metrics.ts';
import type { OutcomeClass } from '../core/outcome.ts';
import { costOf, priceOf, type TokenCounts, type UserPrices } from '../core/prices.ts';
import { type Histogram, percentileMs } from './histogram.ts';
import { type PromptBand, promptBands, type UsedTokens } from './keptRequest.ts';
import { type EncodedSums, failureClasses, requestEnds, Sums, tokenNames } from './sums.ts';

/** What tokens cost, and how many of them have no price. */
interface Cost {
  readonly costUsd: number;
  readonly unpricedTokens: number;
}

/** Today's prices, looked up once a model and band. */
export class Pricing {
  readonly #user: UserPrices;
  readonly #known = new Map<string, ReturnType<typeof priceOf>>();

  constructor(user: UserPrices) {
    this.#user = user;
  }

  has(model: string): boolean {
    return this.#priceOf(model, 0) !== null;
  }

  /** What tokens of prompts of one band cost; null without a price. */
  costOf(model: string, band: PromptBand, tokens: TokenCounts): number | null {
    return costOf(tokens, this.#priceOf(model, band));
  }

  costOfSums(model: string, sums: Sums | EncodedSums): Cost {
    let costUsd = 0;
    let unpricedTokens = 0;
    for (const band of [0, 1, 2] as const) {
      const tokens = tokensIn(sums, band);
      const all = tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite;
      if (all === 0) continue;
      const cost = this.costOf(model, band, tokens);
      if (cost === null) unpricedTokens += all;
      else costUsd += cost;
    }
    return { costUsd, unpricedTokens };
  }

  #priceOf(model: string, band: PromptBand): ReturnType<typeof priceOf> {
    const key = `${band} ${model}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const price = priceOf(model === '' ? undefined : model, this.#user, promptBands[band] + 1);
    this.#known.set(key, price);
    return price;
  }
}

/** Sums with their cost: that hangs on the model, so it is added up beside them. */
export class Totals {
  readonly sums = new Sums();
  costUsd = 0;
  unpricedTokens = 0;

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

/** Ends that happened, and how often. */
function endCounts(sums: Sums): [RequestEnd, number][] {
  return requestEnds.flatMap((end) => {
    const count = sums.get(`end.${end}`);
    return count === 0 ? [] : [[end, count]];
  });
}

/** Classes of failures that happened, and how often. */
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

function tokensIn(sums: Sums | EncodedSums, band: PromptBand): UsedTokens {
  const [input = 0, output = 0, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0] = tokenNames.map((name) =>
    sums.get(`${name}.${band}`),
  );
  return { input, output, cacheRead, cacheWrite, cacheWrite1h };
}

function allTokens(sums: Sums): TokenSums {
  const all = (name: (typeof tokenNames)[number]): number =>
    sums.get(`${name}.0`) + sums.get(`${name}.1`) + sums.get(`${name}.2`);
  return { input: all('input'), output: all('output'), cacheRead: all('cacheRead'), cacheWrite: all('cacheWrite') };
}
