import { minuteMs } from '../../base/time.ts';

/** Paths come and go with an endpoint's version: it is asked again after this time. */
const rememberedMs = 10 * minuteMs;

/**
 * The paths that an endpoint does not have, each for ten minutes after it has said so. That is no fault: an endpoint without
 * the Responses API serves Chat well. Bounded by the caller, which knows a handful of paths.
 */
export class MissingPaths {
  readonly #untilMs = new Map<string, number>();

  /** The endpoint has answered that it does not have this path. */
  note(path: string, nowMs: number): void {
    this.#untilMs.set(path, nowMs + rememberedMs);
  }

  /** When the path may be asked for again; undefined when it may now. */
  untilMs(path: string, nowMs: number): number | undefined {
    const until = this.#untilMs.get(path);
    return until !== undefined && nowMs < until ? until : undefined;
  }

  clear(): void {
    this.#untilMs.clear();
  }
}
