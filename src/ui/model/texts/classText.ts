import type { OutcomeClass } from '../../../core/outcome/outcome.ts';
import type { Translate } from '../viewContext.ts';

/** The classes of attempts in words. */
export function classTexts(t: Translate): Readonly<Record<OutcomeClass, string>> {
  return {
    success: t('ok'),
    clientAbort: t('cancelled by the client'),
    localNetwork: t('local network'),
    badResponse: t('bad response'),
    overloaded: t('overloaded'),
    billing: t('billing'),
    rateLimit: t('rate limit'),
    model: t('model'),
    auth: t('authentication'),
    transient: t('transient'),
    request: t('request'),
    unknown: t('unknown'),
  };
}

/** The class of an attempt in words. */
export function classText(outcome: OutcomeClass, t: Translate): string {
  return classTexts(t)[outcome];
}
