import type { Loss } from './loss.ts';
import type { Profile } from './profile.ts';
import type { ToolNames } from './toolNames.ts';

/** The endpoint that a conversation is encoded for. */
export interface Target {
  readonly profile: Profile;
  /** The model's name at the endpoint. */
  readonly model: string;
  /** Whose carriers the endpoint may open: see `Carrier.origin`. */
  readonly origin: string;
  /** Constant for a session, and says nothing of the client: the key of a prompt cache. Undefined without a session. */
  readonly cacheKey: string | undefined;
  /** False: reasoning is neither sent back nor shown. */
  readonly carriesReasoning: boolean;
  /** Fields that this endpoint has refused before, by the names of its own format: they are left out. */
  readonly refusedFields: ReadonlySet<string>;
}

/** A conversation in the words of an endpoint, or the field for which the endpoint cannot have it. */
export type Encoded =
  | {
      readonly kind: 'encoded';
      readonly body: Buffer;
      readonly losses: readonly Loss[];
      /** Gives the names of an answer's calls back. */
      readonly toolNames: ToolNames;
      /** Sequences that the endpoint cannot be told: the answer is cut at them here. */
      readonly stopSequences: readonly string[];
    }
  | { readonly kind: 'refused'; readonly path: string };
