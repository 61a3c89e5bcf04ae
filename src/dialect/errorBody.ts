import type { DialectName } from '../core/config/config.ts';
import type { ErrorDetail } from '../core/outcome/outcome.ts';

/** Larger error bodies are not parsed; those of vendors have a few hundred bytes. */
const parseLimitBytes = 256 * 1024;

/**
 * The content of an error body in either dialect's shape (relays mix them). An empty body is an error without details.
 * Undefined when the body is not a JSON object: HTML, a captive portal, the page of a firewall.
 */
export function readErrorBody(body: Buffer): ErrorDetail | undefined {
  if (body.length === 0) return { type: undefined, code: undefined, message: '' };
  if (body.length > parseLimitBytes) return undefined;
  try {
    return readError(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** The same for a parsed value, such as an event of a stream. */
export function readError(value: unknown): ErrorDetail | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const outer = value as Record<string, unknown>;
  const inner = (outer['error'] ?? (outer['response'] as Record<string, unknown> | undefined)?.['error']) as unknown;
  if (typeof inner !== 'object' || inner === null) {
    return { type: undefined, code: word(outer['code']), message: word(inner) ?? word(outer['message']) ?? '' };
  }
  const error = inner as Record<string, unknown>;
  const details = error['details'] as Record<string, unknown> | undefined;
  return {
    type: word(error['type']),
    code: word(details?.['error_code']) ?? word(error['code']),
    message: word(error['message']) ?? '',
  };
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Anthropic's error types by status (reliability.md §2.1). */
const anthropicTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  415: 'invalid_request_error',
  429: 'rate_limit_error',
  431: 'invalid_request_error',
};

const openaiTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'invalid_request_error',
  415: 'invalid_request_error',
  429: 'rate_limit_error',
};

/** An error of the gateway as JSON text, in the shape that clients of the dialect expect. */
export function errorBody(dialect: DialectName, status: number, message: string): string {
  if (dialect === 'anthropic') {
    return JSON.stringify({ type: 'error', error: { type: anthropicTypes[status] ?? 'api_error', message } });
  }
  return JSON.stringify({ error: { message, type: openaiTypes[status] ?? 'server_error', param: null, code: null } });
}
