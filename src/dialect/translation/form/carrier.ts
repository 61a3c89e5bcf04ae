/**
 * Reasoning of one endpoint, sealed into the opaque field of a client's format, so that the endpoint that made it gets it
 * back exactly as it was (translation.md, rule 6).
 */
export interface Carrier {
  /** A short hash of the endpoint's way and key: only the same origin may open it. */
  readonly origin: string;
  /** The model that reasoned, by the endpoint's name. */
  readonly model: string;
  readonly payload: CarrierPayload;
}

export type CarrierPayload =
  /** Chat's `reasoning_content`: the text stands in the client's own block. */
  | { readonly kind: 'text' }
  /** OpenRouter's `reasoning_details`, word for word. */
  | { readonly kind: 'details'; readonly details: readonly unknown[] }
  /** A reasoning item of Responses; `summary` is its list, as it came. `phase`: that of the message after it. */
  | {
      readonly kind: 'item';
      readonly id: string;
      readonly encrypted: string | undefined;
      readonly summary: readonly unknown[];
      readonly phase?: string | undefined;
    };
