import type { OutcomeClass } from './outcome.ts';

/**
 * One row of the vendors' error codes. A row matches when everything that it names does; `codes` are compared without regard
 * to case, `*` at the end stands for any ending.
 */
export interface VendorCode {
  readonly codes?: readonly string[];
  /** Words of the message, for vendors that say it with no code of its own; only with `statuses`. */
  readonly wording?: RegExp;
  /** The statuses with which the row holds; left out: any. 200 stands for an error inside a 200 that names no status. */
  readonly statuses?: readonly number[];
  /** Ends of the only host names at which the row holds: another vendor uses the same number for something else. */
  readonly hosts?: readonly string[];
  readonly class: OutcomeClass;
  /** `elsewhere`: no fault of the request at other endpoints, and no fault of this one; `quota`: of a minute or of an account, which time shows. */
  readonly means?: 'elsewhere' | 'quota';
  readonly vendor: string;
  readonly source: string;
  /** The month in which the source was read. */
  readonly read: string;
}

const openai = { vendor: 'OpenAI', source: 'developers.openai.com/api/docs/guides/error-codes', read: '2026-11' };
const anthropic = { vendor: 'Anthropic', source: 'platform.claude.com/docs/en/api/errors', read: '2026-11' };
const alibaba = { vendor: 'Alibaba', source: 'help.aliyun.com/en/model-studio/error-code-start', read: '2026-12' };
const moonshot = { vendor: 'Moonshot', source: 'platform.kimi.ai/docs/api/errors.md', read: '2026-12' };
const volcengine = { vendor: 'Volcengine', source: 'volcengine.com/docs/82379/1299023', read: '2026-12' };
const zhipu = { vendor: 'Zhipu, z.ai', source: 'docs.z.ai/api-reference/api-code', read: '2026-12' };
const minimax = { vendor: 'MiniMax', source: 'platform.minimax.io/docs/api-reference/errorcode.md', read: '2026-12' };
const google = { vendor: 'Google', source: 'ai.google.dev/gemini-api/docs/troubleshooting', read: '2026-12' };
const azure = {
  vendor: 'Azure OpenAI',
  source: 'learn.microsoft.com/en-us/answers/questions/1189174',
  read: '2026-12',
};
const openrouter = { vendor: 'OpenRouter', source: 'openrouter.ai/docs/errors', read: '2026-12' };
const relays = { vendor: 'New API and other relays', source: 'docs.aihubmix.com/cn/FAQs/HTTP-Codes', read: '2026-12' };
const groq = { vendor: 'Groq', source: 'console.groq.com/docs/errors', read: '2026-12' };
const silicon = { vendor: 'SiliconFlow', source: 'docs.siliconflow.com/en/faqs/error-code', read: '2026-12' };
const xai = { vendor: 'xAI', source: 'docs.x.ai/docs/key-information/debugging', read: '2026-12' };

const zhipuHosts = ['bigmodel.cn', 'z.ai'];
const siliconHosts = ['siliconflow.cn', 'siliconflow.com'];
/** Where an account has nothing left, its vendor says so in one of these words. */
const emptyAccount = /billing details|balance|credits?\b|top.?up|recharge|arrears|overdue|payment|余额|欠费|充值/i;
/** 400 and 403 are what vendors answer to nearly anything. */
const refusals = [400, 401, 403];
const limits = [200, 403, 429, 500, 502, 503];

/** The codes that are read before the status, in this order; the first row that matches decides. */
export const vendorCodes: readonly VendorCode[] = [
  // The model is not there, whatever the status says.
  { codes: ['model_not_found', 'model_not_available', 'model_not_supported'], class: 'model', ...openai },
  { codes: ['ModelNotFound', 'Model.AccessDenied', 'AccessDenied.Unpurchased'], class: 'model', ...alibaba },
  {
    codes: ['ModelNotOpen', 'InvalidEndpointOrModel.*', 'UnsupportedModel', 'OperationDenied.ServiceNotOpen'],
    class: 'model',
    ...volcengine,
  },
  { codes: ['DeploymentNotFound'], class: 'model', ...azure },
  { codes: ['1211', '1221', '1222'], hosts: zhipuHosts, class: 'model', ...zhipu },
  { codes: ['base_resp.2061'], class: 'model', ...minimax },
  { codes: ['20012'], hosts: siliconHosts, class: 'model', ...silicon },

  // The request itself, or what it says.
  {
    codes: ['context_length_exceeded', 'invalid_prompt', 'string_above_max_length', 'unsupported_parameter'],
    class: 'request',
    ...openai,
  },
  {
    codes: ['content_filter', 'content_policy_violation', 'moderation_blocked', 'cyber_policy'],
    class: 'request',
    ...openai,
  },
  { codes: ['data_inspection_failed', 'DataInspectionFailed'], class: 'request', ...alibaba },
  {
    codes: ['SensitiveContentDetected*', 'InputTextSensitiveContentDetected*', 'InputImageSensitiveContentDetected*'],
    class: 'request',
    ...volcengine,
  },
  { codes: ['sensitive_words_detected', 'prompt_blocked'], class: 'request', ...relays },
  { codes: ['flagged_input'], class: 'request', ...openrouter },
  { codes: ['1301', '1261'], hosts: zhipuHosts, class: 'request', ...zhipu },
  { codes: ['base_resp.1026', 'base_resp.1027', 'base_resp.2013'], class: 'request', ...minimax },

  // Money. A quota is an account's or a minute's: only the vendor's host or words of an empty account tell.
  {
    codes: [
      'credit_balance_exhausted',
      'insufficient_funds',
      'organization_spend_limit_exceeded',
      'project_spend_limit_exceeded',
      'organization_usage_limit_exceeded',
      'workspace_spend_limit_exceeded',
      'user_usage_limit_exceeded',
      'billing_hard_limit_reached',
    ],
    class: 'billing',
    ...openai,
  },
  { codes: ['enforced_spend_limit_reached', 'billing_error'], class: 'billing', ...anthropic },
  { codes: ['Arrearage', 'AllocationQuota.FreeTierOnly'], class: 'billing', ...alibaba },
  { codes: ['AccountOverdueError', 'OperationDenied.ServiceOverdue'], class: 'billing', ...volcengine },
  { codes: ['insufficient_user_quota', 'pre_consume_token_quota_failed'], class: 'billing', ...relays },
  { codes: ['insufficient_balance', 'insufficient_credits', 'payment_required'], class: 'billing', ...openrouter },
  { codes: ['1113'], hosts: zhipuHosts, class: 'billing', ...zhipu },
  { codes: ['base_resp.1008', 'base_resp.2056'], class: 'billing', ...minimax },
  {
    codes: ['insufficient_quota', 'Throttling.AllocationQuota'],
    hosts: ['aliyuncs.com'],
    class: 'rateLimit',
    means: 'quota',
    ...alibaba,
  },
  { codes: ['insufficient_quota'], hosts: ['api.openai.com'], class: 'billing', ...openai },
  {
    codes: ['insufficient_quota', 'exceeded_current_quota_error', 'quota_exceeded', 'QuotaExceeded'],
    wording: emptyAccount,
    statuses: [200, 429],
    class: 'billing',
    ...openai,
  },
  {
    codes: ['insufficient_quota', 'exceeded_current_quota_error', 'quota_exceeded', 'Throttling.AllocationQuota'],
    statuses: [200, 429],
    class: 'rateLimit',
    means: 'quota',
    ...alibaba,
  },
  {
    codes: ['QuotaExceeded', 'SetLimitExceeded'],
    statuses: [200, 429],
    class: 'rateLimit',
    means: 'quota',
    ...volcengine,
  },
  { codes: ['insufficient_quota', 'quota_exceeded', 'exceeded_current_quota_error'], class: 'billing', ...moonshot },

  // Too much to do at the moment, which is neither the key's nor the client's.
  { codes: ['overloaded_error'], statuses: [200, 429, 500, 502, 503, 529], class: 'overloaded', ...anthropic },
  { codes: ['server_is_overloaded'], statuses: [200, 429, 500, 502, 503, 529], class: 'overloaded', ...openai },
  { codes: ['engine_overloaded_error'], statuses: [200, 429, 500, 503], class: 'overloaded', ...moonshot },
  { codes: ['ServerOverloaded'], statuses: [200, 429, 500, 503], class: 'overloaded', ...volcengine },
  { codes: ['1305', '1312'], hosts: zhipuHosts, class: 'overloaded', ...zhipu },
  { codes: ['capacity_exceeded'], statuses: [200, 429, 498, 503], class: 'overloaded', ...groq },
  { codes: ['rate_limit_error', 'rate_limit_exceeded', 'slow_down'], statuses: limits, class: 'rateLimit', ...openai },
  { codes: ['rate_limit_reached_error'], statuses: limits, class: 'rateLimit', ...moonshot },
  { codes: ['Throttling*', 'LimitRequests', 'limit_requests'], statuses: limits, class: 'rateLimit', ...alibaba },
  { codes: ['RateLimitExceeded*', 'AccountRateLimitExceeded'], statuses: limits, class: 'rateLimit', ...volcengine },
  { codes: ['RESOURCE_EXHAUSTED'], statuses: limits, class: 'rateLimit', ...google },
  { codes: ['1302', '1303', '1304', '1308'], hosts: zhipuHosts, class: 'rateLimit', ...zhipu },
  { codes: ['base_resp.1002', 'base_resp.1039', 'base_resp.1041'], class: 'rateLimit', ...minimax },

  // The place from which the request comes: another endpoint may take it, and nothing is wrong with this one.
  {
    codes: ['unsupported_country_region_territory', 'ip_not_authorized'],
    class: 'request',
    means: 'elsewhere',
    ...openai,
  },
  {
    wording: /\b(?:country|region|territory|location)\b.*\bnot (?:supported|available|allowed)/i,
    statuses: [400, 401, 403, 451],
    class: 'request',
    means: 'elsewhere',
    ...google,
  },
  {
    wording: /\bIP\b.*\b(?:not (?:authori[sz]ed|allowed|permitted)|white.?list|allow.?list)|approved IP|网段|IP 不在/i,
    statuses: refusals,
    class: 'request',
    means: 'elsewhere',
    ...relays,
  },

  // The same in words, where 400 and 403 have no code for it.
  {
    wording: /reached your specified (?:\w+ )?api usage limits|credit balance is too low/i,
    codes: ['invalid_request_error'],
    statuses: [400],
    class: 'billing',
    ...anthropic,
  },
  {
    wording:
      /\b(?:moderation|flagged|content (?:policy|filter|safety)|safety (?:policy|system)|sensitive)\b|敏感|违规/i,
    statuses: [403],
    class: 'request',
    ...openrouter,
  },
  {
    wording:
      /\b(?:insufficient|not enough|exhausted|no|low|empty|used up|out of)\b.*\b(?:balance|credits?|quota|funds)\b|\b(?:balance|credits?|quota)\b.*\b(?:insufficient|not enough|exhausted|exceeded|too low|used up)\b|\barrears\b|\boverdue\b|余额|欠费|额度/i,
    statuses: [403],
    class: 'billing',
    ...relays,
  },

  // The key, where status or type alone would say something else.
  {
    codes: ['invalid_api_key', 'account_deactivated', 'invalid_organization', 'authentication_error'],
    statuses: [200, ...refusals],
    class: 'auth',
    ...openai,
  },
  { codes: ['permission_error'], statuses: [200, 403], class: 'auth', ...anthropic },
  {
    wording: /organization has been disabled/i,
    codes: ['invalid_request_error'],
    statuses: [400],
    class: 'auth',
    ...anthropic,
  },
  { codes: ['InvalidApiKey'], statuses: [200, ...refusals], class: 'auth', ...alibaba },
  { codes: ['AuthenticationError'], statuses: [200, ...refusals], class: 'auth', ...volcengine },
  {
    codes: ['invalid_authentication_error', 'incorrect_api_key_error', 'access_terminated_error'],
    statuses: [200, ...refusals],
    class: 'auth',
    ...moonshot,
  },
  { codes: ['API_KEY_INVALID'], statuses: refusals, class: 'auth', ...google },
  { wording: /api key not valid/i, statuses: refusals, class: 'auth', ...google },
  { wording: /incorrect api key/i, statuses: refusals, class: 'auth', ...xai },
  { codes: ['api_key_invalid', 'channel:invalid_key', 'token_expired'], statuses: refusals, class: 'auth', ...relays },
  {
    codes: ['1000', '1001', '1002', '1003', '1004', '1110', '1111', '1112', '1121'],
    hosts: zhipuHosts,
    class: 'auth',
    ...zhipu,
  },
  { codes: ['base_resp.1004', 'base_resp.2049'], class: 'auth', ...minimax },

  // Passing trouble of the endpoint in a 200.
  { codes: ['base_resp.1001', 'base_resp.1024', 'base_resp.1033'], class: 'transient', ...minimax },
];
