import { createHash } from 'node:crypto';
import type { EndpointConfig, FormatName } from '../../core/config/config.ts';
import { profileOf } from '../../dialect/translation/form/profiles.ts';
import type { Encoded, Target } from '../../dialect/translation/form/target.ts';
import { type Decoded, decodeMessages } from '../../dialect/translation/request/decodeMessages.ts';
import { encodeChat } from '../../dialect/translation/request/encodeChat.ts';
import { encodeResponses } from '../../dialect/translation/request/encodeResponses.ts';

/** The format of a translated request. */
export type TranslatedFormat = Exclude<FormatName, 'messages'>;

/** The endpoint that a request is translated for. */
export interface TranslationTarget {
  readonly config: EndpointConfig;
  readonly key: string | undefined;
  readonly format: TranslatedFormat;
  /** The model's name there. */
  readonly model: string;
  /** See `Target`. */
  readonly refusedFields: ReadonlySet<string>;
}

/** The inputs of a translation besides the body and the endpoint. */
export interface TranslationInputs {
  readonly body: Buffer;
  readonly sessionId: string | undefined;
  readonly carriesReasoning: boolean;
}

const originLength = 16;

/** One request in the formats of other endpoints: it is read once, and written once for each endpoint that may get it. */
export class RequestTranslation {
  readonly #inputs: TranslationInputs;
  readonly #encoded = new Map<EndpointConfig, { readonly key: string; readonly encoded: Encoded }>();
  #decoded: Decoded | undefined;

  constructor(inputs: TranslationInputs) {
    this.#inputs = inputs;
  }

  get decoded(): Decoded {
    this.#decoded ??= decodeMessages(this.#inputs.body);
    return this.#decoded;
  }

  /** The request for an endpoint. */
  encoded(target: TranslationTarget): Encoded {
    const { config, format, model, refusedFields } = target;
    const key = [format, model, ...refusedFields].join('\n');
    const known = this.#encoded.get(config);
    if (known?.key === key) return known.encoded;
    const encoded = this.#encode(target);
    this.#encoded.set(config, { key, encoded });
    return encoded;
  }

  #encode({ config, key, format, model, refusedFields }: TranslationTarget): Encoded {
    const { decoded } = this;
    if (decoded.kind === 'refused') return decoded;
    const { sessionId, carriesReasoning } = this.#inputs;
    const target: Target = {
      profile: profileOf(config),
      model,
      origin: originOf(config, key),
      cacheKey: sessionId === undefined ? undefined : hashOf('cache', sessionId),
      carriesReasoning,
      refusedFields,
    };
    return format === 'chat' ? encodeChat(decoded.conversation, target) : encodeResponses(decoded.conversation, target);
  }
}

/** Tells endpoints apart whose reasoning is not for each other: by address and key. */
export function originOf({ baseUrl }: EndpointConfig, key: string | undefined): string {
  return hashOf('origin', `${baseUrl}\n${key ?? ''}`).slice(0, originLength);
}

function hashOf(purpose: string, text: string): string {
  return createHash('sha256').update(`signalbox ${purpose}\n${text}`).digest('hex');
}
