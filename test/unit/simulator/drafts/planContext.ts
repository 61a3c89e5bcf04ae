import type { Tag, Wire } from './answers.ts';
import type { RandomSource } from './randomSource.ts';

/** One thing that the endpoint does, so long after the one before it. */
export type Step = { readonly afterMs: number } & (
  | { readonly kind: 'head'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: Error }
);

/** The inputs of a plan besides the fault. */
export interface PlanContext {
  readonly tag: Tag;
  readonly wire: Wire;
  readonly isStream: boolean;
  readonly model: string;
  readonly isReused: boolean;
  readonly random: RandomSource;
}
