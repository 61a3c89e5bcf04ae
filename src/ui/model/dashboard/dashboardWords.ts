import type { Metrics, RequestPage, StoredRequest } from '../../../contract/metrics.ts';
import type { AttemptRecord } from '../../../core/record/record.ts';
import { clientName } from '../texts/clientName.ts';
import { choiceText, reasonText } from '../texts/reasonText.ts';
import type { Translate } from '../viewContext.ts';

/** Metrics with reasons and client names in the language of the interface. */
export function metricsInWords(metrics: Metrics, t: Translate): Metrics {
  return {
    ...metrics,
    sessions: metrics.sessions.map((one) => ({ ...one, client: clientName(one.client, t) })),
    states: metrics.states.map((one) => ({ ...one, reason: reasonText(one, t) })),
    bindings: metrics.bindings.map((one) => ({ ...one, client: clientName(one.client, t) })),
  };
}

/** The same for individual requests. */
export function requestsInWords(page: RequestPage, t: Translate): RequestPage {
  return { ...page, requests: page.requests.map((request) => requestInWords(request, t)) };
}

function requestInWords(request: StoredRequest, t: Translate): StoredRequest {
  return {
    ...request,
    client: clientName(request.client, t),
    attempts: request.attempts.map((attempt) => attemptInWords(attempt, t)),
    passedOver: passedOverInWords(request.passedOver, t),
  };
}

function attemptInWords(attempt: AttemptRecord, t: Translate): AttemptRecord {
  return {
    ...attempt,
    reason: attempt.class === 'success' ? t('ok') : reasonText(attempt, t),
    chosenBecause: choiceText(attempt, t),
    passedOver: passedOverInWords(attempt.passedOver, t),
  };
}

function passedOverInWords(passedOver: AttemptRecord['passedOver'], t: Translate): AttemptRecord['passedOver'] {
  return passedOver.map((one) => ({ ...one, reason: reasonText(one, t) }));
}
