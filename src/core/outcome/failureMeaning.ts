import type { OutcomeClass } from './outcome.ts';
import type { Reason } from './reason.ts';

/**
 * A failure as the state that it puts an endpoint in: `402 billing_error` means out of credit. `model` is the model or family
 * where the failure holds for that alone (empty: requests without a model). `otherwise` is the code for failures that say
 * nothing more than that something went wrong.
 */
export function failureMeaning(
  { class: outcome, reason: because }: { readonly class: OutcomeClass; readonly reason: Reason },
  otherwise: 'down' | 'requestFailed' | 'checkFailed',
  model?: string,
): Reason {
  switch (outcome) {
    case 'billing':
      return { code: 'outOfCredit', because };
    case 'auth':
      return { code: 'keyRefused', because };
    case 'overloaded':
      return { code: 'overloaded', because };
    case 'badResponse':
      return { code: 'oddAnswers', because };
    case 'rateLimit':
      if (model === '') return { code: 'withoutModel', because: { code: 'rateLimited', because } };
      return model === undefined ? { code: 'rateLimited', because } : { code: 'rateLimitedFor', because, model };
    case 'model':
      return model === undefined || model === ''
        ? { code: 'withoutModel', because }
        : { code: 'modelRefused', because, model };
    case 'success':
    case 'clientAbort':
    case 'localNetwork':
    case 'request':
    case 'transient':
    case 'unknown':
      return { code: otherwise, because };
    default:
      return outcome satisfies never;
  }
}
