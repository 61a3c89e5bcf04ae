import { type Evidence, noEvidence } from '../core/outcome/evidence.ts';
import type { Json } from './jsonRead.ts';

/** Keys whose values name, number or pad a part of an answer, and say nothing themselves. */
const label = /(?:^|_)(?:id|type|role|object|status|phase|index|label|format|model|obfuscation)$/;

/** Deeper values are taken for something without being looked at. */
const deepest = 12;

/**
 * Whether a part of an answer says anything: a text, reasoning, a signature, data, the name of a called tool or its arguments.
 * A part that was only announced (`{"type":"text","text":""}`), an empty list and null say nothing.
 */
export function hasSubstance(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value !== '';
  if (typeof value !== 'object' || value === null) return false;
  if (depth === deepest) return true;
  if (Array.isArray(value)) return value.some((one) => hasSubstance(one, depth + 1));
  for (const key in value) {
    if (!label.test(key) && hasSubstance((value as Json)[key], depth + 1)) return true;
  }
  return false;
}

/** A word that says something; undefined for an empty one and for anything else. */
export function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Reasons for which an endpoint says that it could not finish: `error` (OpenRouter), `insufficient_system_resource` (DeepSeek),
 * `network_error` (Z.ai). translation.md 1.0.
 */
const failureReasons = new Set(['error', 'insufficient_system_resource', 'network_error']);

/** The error that a stop reason stands for; undefined for a reason that ends an answer. */
export function failureOfReason(reason: string): Evidence | undefined {
  return failureReasons.has(reason) ? { ...noEvidence, type: reason, codes: [reason], form: 'json' } : undefined;
}

/** The parts of a choice of Chat that the client reads, of a stream's chunk or of a whole answer. */
export function choiceHasSubstance(choice: Json): boolean {
  return hasSubstance([choice['delta'], choice['message'], choice['text']]);
}

/** Why a response ended; undefined while it has not, or where nothing came of it. */
export function endOfResponse(response: Json | undefined): string | undefined {
  const status = wordOf(response?.['status']);
  if (status === 'incomplete') {
    return wordOf((response?.['incomplete_details'] as Json | null | undefined)?.['reason']);
  }
  const usage = response?.['usage'] as Json | null | undefined;
  return Number(usage?.['output_tokens'] ?? 0) > 0 ? status : undefined;
}
