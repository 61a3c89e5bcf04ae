import { anthropicErrorBody, openaiErrorBody, type StatusAnswer, type WireDialect } from './behaviour.ts';

/** The key that an endpoint requires. */
export interface KeyRule {
  /** When set, a missing or wrong key is a 401, and so are both authentication headers at once. */
  apiKey?: string;
  /** The only header the key may come in. Default: either. */
  auth?: 'x-api-key' | 'bearer';
}

/** The vendor's 401, or nothing when the request has the right key (or none is asked for). */
export function keyRefusal(
  headers: Readonly<Record<string, string>>,
  dialect: WireDialect,
  { apiKey, auth }: KeyRule,
): StatusAnswer | undefined {
  if (apiKey === undefined) return undefined;
  const key = headers['x-api-key'];
  const bearer = headers['authorization'];
  const isOne = (key === undefined) !== (bearer === undefined);
  if (isOne && key === apiKey && auth !== 'bearer') return undefined;
  if (isOne && bearer === `Bearer ${apiKey}` && auth !== 'x-api-key') return undefined;
  const isMissing = key === undefined && bearer === undefined;
  return { kind: 'status', status: 401, body: dialect === 'anthropic' ? anthropic() : openai() };

  function anthropic(): object {
    const problem = isMissing
      ? 'x-api-key header is required'
      : key !== undefined && bearer !== undefined
        ? 'Only one of x-api-key and authorization may be given'
        : key === undefined
          ? 'Invalid bearer token'
          : 'invalid x-api-key';
    return anthropicErrorBody('authentication_error', problem);
  }

  function openai(): object {
    return isMissing
      ? openaiErrorBody("You didn't provide an API key.", 'invalid_request_error')
      : openaiErrorBody('Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key');
  }
}
