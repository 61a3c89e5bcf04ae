/** A piece of an answer, in words that belong to no format. `pieces`: how many events it comes in, by default one a word. */
export type AnswerPart =
  | { readonly kind: 'text' | 'thinking' | 'refusal'; readonly text: string; readonly pieces?: number }
  /** `input` as text is sent as it is. `id`: the whole id of the call; by default the format's own form. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly input: object | string;
      readonly id?: string;
      readonly pieces?: number;
    };

/**
 * Why an answer stops; `none`: it ends without saying so. `word`: the vendor's own word, as it is (Responses: the reason of
 * an incomplete answer).
 */
export type AnswerStop =
  | 'endTurn'
  | 'toolUse'
  | 'maxTokens'
  | 'refusal'
  | 'none'
  | { readonly sequence: string }
  | { readonly word: string };

/** Forms of a stream that real endpoints have and their documentation does not. The first of each is the default. */
export interface AnswerForm {
  /** Chat and Responses: the deltas of calls one after the other that follow each other directly take turns. */
  readonly calls?: 'inOrder' | 'interleaved';
  /** Chat: the name of a call comes in its second delta, or in each one. */
  readonly names?: 'first' | 'late' | 'repeated';
  /** In one delta; or in none: in Responses the `done` events have them, in Messages the start of the block. */
  readonly arguments?: 'pieces' | 'whole' | 'noDelta';
  /** Chat: the field of reasoning. `details`: OpenRouter's two fields; `tags`: in the text, between `<think>` tags. */
  readonly reasoning?: 'reasoning_content' | 'reasoning' | 'details' | 'tags';
  /** Chat: the last content and the reason to stop come in one chunk. */
  readonly finish?: 'own' | 'withContent';
  /** Chat, where it was asked for: in a last chunk, with the reason to stop, in each chunk; or never. */
  readonly usage?: 'end' | 'withStop' | 'everyChunk' | 'none';
  /** Chat: where the tokens read from a cache are told. `hit`: DeepSeek's two fields; `top`: Moonshot's one. */
  readonly cached?: 'details' | 'hit' | 'top';
}
