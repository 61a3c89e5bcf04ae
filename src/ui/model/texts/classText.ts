import type { OutcomeClass } from '../../../core/outcome/outcome.ts';
import type { Translate } from '../viewContext.ts';

/** The classes of attempts in words. */
export function classTexts(t: Translate): Readonly<Record<OutcomeClass, string>> {
  return {
    success: t('ok'),
    clientAbort: t('cancelled by the client'),
    localNetwork: t('network of this machine'),
    badResponse: t('unusable answer'),
    overloaded: t('overloaded'),
    billing: t('out of credit'),
    rateLimit: t('rate limited'),
    model: t('model not available'),
    auth: t('key refused'),
    transient: t('connection or server failure'),
    request: t('invalid request'),
    unknown: t('other failure'),
  };
}

/** The class of an attempt in words. */
export function classText(outcome: OutcomeClass, t: Translate): string {
  return classTexts(t)[outcome];
}
