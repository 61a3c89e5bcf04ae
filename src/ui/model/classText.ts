import type { OutcomeClass } from '../../core/outcome.ts';
import type { Translate } from './viewContext.ts';

/** The word for what kind of end an attempt had. */
export function classText(outcome: OutcomeClass, t: Translate): string {
  switch (outcome) {
    case 'success':
      return t('ok');
    case 'clientAbort':
      return t('stopped by the client');
    case 'localNetwork':
      return t('local network');
    case 'badResponse':
      return t('bad response');
    case 'overloaded':
      return t('overloaded');
    case 'billing':
      return t('billing');
    case 'rateLimit':
      return t('rate limit');
    case 'model':
      return t('model');
    case 'auth':
      return t('authentication');
    case 'transient':
      return t('transient');
    case 'request':
      return t('request');
    case 'unknown':
      return t('unknown');
    default:
      return outcome satisfies never;
  }
}
