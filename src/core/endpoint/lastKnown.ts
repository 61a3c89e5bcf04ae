import { saysNothingCameBack } from '../outcome/connectionReason.ts';
import type { Reason } from '../outcome/reason.ts';

/** The last thing known of an endpoint, from a request or a check. */
export type LastKnown =
  | { readonly kind: 'good' }
  | { readonly kind: 'failedRequest' | 'failedCheck'; readonly meaning: Reason };

/** Whether nothing came back from it, so that this machine may be as much to blame as the endpoint. */
export function isUnreached(known: LastKnown): boolean {
  return known.kind !== 'good' && 'because' in known.meaning && saysNothingCameBack(known.meaning.because);
}
