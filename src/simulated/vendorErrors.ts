import {
  anthropicEnforcedSpendLimit,
  anthropicError,
  anthropicSpendLimit,
  type HeaderValues,
  openaiError,
  openaiInsufficientQuota,
  type StatusAnswer,
} from './behaviour.ts';

/** The 400 of an account without money; like a spent limit it calls itself a fault of the request. */
export function anthropicLowCredit(): StatusAnswer {
  const message =
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.';
  return anthropicError('invalid_request_error', { message, headers: { 'x-should-retry': 'false' } });
}

/** The 400 of a workspace that has reached its own spend limit. */
export function anthropicWorkspaceLimit(): StatusAnswer {
  const message =
    'You have reached your specified workspace API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.';
  return anthropicError('invalid_request_error', { message });
}

/** The 429 of an exhausted input token bucket, with all its headers. */
export function anthropicRateLimit(retryAfterSeconds: number, headers: HeaderValues = {}): StatusAnswer {
  const reset = new Date(Date.now() + retryAfterSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  return anthropicError('rate_limit_error', {
    message:
      "This request would exceed your organization's rate limit of 50,000 input tokens per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.",
    headers: {
      'retry-after': String(retryAfterSeconds),
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-requests-reset': reset,
      'anthropic-ratelimit-input-tokens-limit': '50000',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': reset,
      'x-should-retry': 'true',
      ...headers,
    },
  });
}

/** A model that the Messages API does not have. */
export function anthropicUnknownModel(model: string): StatusAnswer {
  return anthropicError('not_found_error', { message: `model: ${model}` });
}

/** OpenAI's 429 of an exhausted token bucket, with all its headers. */
export function openaiRateLimit(retryAfterSeconds: number, headers: HeaderValues = {}): StatusAnswer {
  const message = `Rate limit reached for gpt-5 in organization org-simulated on tokens per min (TPM): Limit 30000, Used 29500, Requested 1200. Please try again in ${retryAfterSeconds}s. Visit https://platform.openai.com/account/rate-limits to learn more.`;
  return openaiError(429, {
    message,
    type: 'tokens',
    code: 'rate_limit_exceeded',
    headers: {
      'retry-after-ms': String(retryAfterSeconds * 1000),
      'retry-after': String(retryAfterSeconds),
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-limit-tokens': '30000',
      'x-ratelimit-remaining-requests': '499',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-reset-tokens': `${retryAfterSeconds}s`,
      ...headers,
    },
  });
}

/** A model that OpenAI does not have (404), or that the key's project may not use (403). */
export function openaiUnknownModel(model: string, status: 403 | 404 = 404): StatusAnswer {
  const message =
    status === 404
      ? `The model \`${model}\` does not exist or you do not have access to it.`
      : `Project \`proj_simulated\` does not have access to model \`${model}\``;
  return openaiError(status, { message, type: 'invalid_request_error', code: 'model_not_found' });
}

/** OpenAI's 401; it shows parts of the key, as the real one does. */
export function openaiWrongKey(): StatusAnswer {
  const message =
    'Incorrect API key provided: sk-simul*****ted. You can find your API key at https://platform.openai.com/account/api-keys.';
  return openaiError(401, { message, type: 'invalid_request_error', code: 'invalid_api_key' });
}

/** OpenAI's 503 while all of it is overloaded. */
export function openaiOverloaded(): StatusAnswer {
  const message = 'Our servers are currently overloaded. Please try again later.';
  return openaiError(503, { message, type: 'service_unavailable_error', code: 'server_is_overloaded' });
}

/** Every billing error of the Messages API. */
export const anthropicBillingForms: Readonly<Record<string, () => StatusAnswer>> = {
  '402 billing_error': () => anthropicError('billing_error'),
  '400 of a spent limit': anthropicSpendLimit,
  '400 of a spent workspace limit': anthropicWorkspaceLimit,
  '400 of a low credit balance': anthropicLowCredit,
  '429 enforced_spend_limit_reached': anthropicEnforcedSpendLimit,
};

/** Every billing error of OpenAI and of endpoints that speak its dialect. */
export const openaiBillingForms: Readonly<Record<string, () => StatusAnswer>> = {
  '402': () =>
    openaiError(402, { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' }),
  '429 insufficient_quota': openaiInsufficientQuota,
  '429 credit_balance_exhausted': () => openaiInsufficientQuota('credit_balance_exhausted'),
  '429 organization_spend_limit_exceeded': () => openaiInsufficientQuota('organization_spend_limit_exceeded'),
  '429 project_spend_limit_exceeded': () => openaiInsufficientQuota('project_spend_limit_exceeded'),
  '429 organization_usage_limit_exceeded': () => openaiInsufficientQuota('organization_usage_limit_exceeded'),
  "403 of a relay's user": () =>
    openaiError(403, { message: '用户额度不足', type: 'new_api_error', code: 'insufficient_user_quota' }),
  '400 of an account in arrears (Alibaba)': () =>
    openaiError(400, {
      message: 'Access denied, please make sure your account is in good standing.',
      code: 'Arrearage',
    }),
};

/** An error of the vendor behind a relay, which answers 200 all the same. */
export function relayErrorInside(): StatusAnswer {
  const error = { message: 'The upstream is overloaded, please try again later', type: 'overloaded_error', code: 529 };
  return { kind: 'status', status: 200, body: { error } };
}

/** The page of a server in between that takes no body of this size. */
export function tooLargePage(): StatusAnswer {
  return serverPage('nginx', 413, 'Request Entity Too Large');
}

/** The page of a company's firewall. */
export function firewallPage(): StatusAnswer {
  return serverPage('awselb/2.0', 403, 'Forbidden');
}

/** The page by which nginx, and what is built like it, refuses a request. */
function serverPage(server: string, status: number, why: string): StatusAnswer {
  const title = `${status} ${why}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { kind: 'status', status, contentType: 'text/html', headers: { server }, body };
}

/** The captive portal page of a hotel or airport network, with its status. */
export function captivePortalPage(status: 200 | 511 = 511): StatusAnswer {
  return {
    kind: 'status',
    status,
    contentType: 'text/html',
    headers: { 'cache-control': 'no-store' },
    body: '<html><head><title>Network Authentication Required</title><meta http-equiv="refresh" content="0; url=https://login.simulated.invalid/"></head><body>Sign in to use this network.</body></html>\n',
  };
}
