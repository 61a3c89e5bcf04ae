import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instant } from '../../../../src/base/clock.ts';
import type { AcceptedRequest } from '../../../../src/proxy/exchange.ts';
import type { RequestLedger } from '../invariants/ledger.ts';
import type { ClientManner } from '../simulatedResponse.ts';

/** A request that a client is about to send. */
export interface RequestDraft {
  readonly path: string;
  readonly isStream: boolean;
  readonly model: string;
  /** Headers by which its session is known, if any. */
  readonly session: Readonly<Record<string, string>>;
  /** The user agent. */
  readonly client: string;
  readonly manner: ClientManner;
}

/** The header that tells the endpoint's side which request an attempt is of. */
export const requestMark = 'x-simulated-request';

/** The request as the listener would hand it on. The one place where a stand-in is taken for node's own. */
export function acceptedRequest(request: RequestLedger, draft: RequestDraft, startedAt: Instant): AcceptedRequest {
  const headers = { 'user-agent': draft.client, [requestMark]: request.id, ...draft.session };
  const rawHeaders = Object.entries(headers).flat();
  const message = { method: 'POST', headers, rawHeaders } as unknown as IncomingMessage;
  const messages = [{ role: 'user', content: request.id }];
  const body = Buffer.from(JSON.stringify({ model: draft.model, stream: draft.isStream, messages }));
  const response = request.response as unknown as ServerResponse;
  return { id: request.id, request: message, response, route: request.route, body, startedAt };
}
