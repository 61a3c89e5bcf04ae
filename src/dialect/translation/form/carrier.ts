import { isRecord } from '../../../base/isRecord.ts';

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

/** Begins each carrier, with the version of what follows. Native bodies are searched for it: its first letter is rare in them. */
export const carrierMark = '~signalbox-reasoning-1.';
const longest = 64 * 1024;

/** The text that a client keeps. One that would be too long carries no more than its origin. */
export function sealed(carrier: Carrier): string {
  const text = sealedText(carrier);
  return text.length <= longest ? text : sealedText({ ...carrier, payload: { kind: 'text' } });
}

function sealedText({ origin, model, payload }: Carrier): string {
  return carrierMark + Buffer.from(JSON.stringify([origin, model, payload])).toString('base64url');
}

/** Undefined for a text that is no carrier of ours. Never throws. */
export function unsealed(text: string): Carrier | undefined {
  if (!text.startsWith(carrierMark)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text.slice(carrierMark.length), 'base64url').toString('utf8'));
    const [origin, model, payload] = Array.isArray(value) ? (value as unknown[]) : [];
    if (typeof origin !== 'string' || typeof model !== 'string' || !isPayload(payload)) return undefined;
    return { origin, model, payload };
  } catch {
    return undefined;
  }
}

function isPayload(value: unknown): value is CarrierPayload {
  if (!isRecord(value)) return false;
  switch (value['kind']) {
    case 'text':
      return true;
    case 'details':
      return Array.isArray(value['details']);
    case 'item':
      return typeof value['id'] === 'string' && Array.isArray(value['summary']);
    default:
      return false;
  }
}
