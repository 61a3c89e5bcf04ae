import type { DialectName } from '../core/config/config.ts';

/** Anthropic's error types by status (reliability.md §2.1). */
const anthropicTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  415: 'invalid_request_error',
  429: 'rate_limit_error',
  431: 'invalid_request_error',
  504: 'timeout_error',
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

/** The words of an error for clients: those of the gateway, or an endpoint's. */
export interface ErrorWords {
  readonly message: string;
  /** The usual one of the status where there is none. */
  readonly type?: string | undefined;
  readonly code?: string | undefined;
}

/** An error as JSON text, in the shape that clients of the dialect expect. */
export function errorBody(dialect: DialectName, status: number, words: ErrorWords): string {
  const { message, code } = words;
  if (dialect === 'anthropic') {
    const type = words.type ?? anthropicTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
    return JSON.stringify({ type: 'error', error: { type, message } });
  }
  const type = words.type ?? openaiTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
  return JSON.stringify({ error: { message, type, param: null, code: code ?? null } });
}

/** Whether these bytes are an error body of the dialect already, such as the data of its error events. */
export function isErrorBody(dialect: DialectName, bytes: Buffer): boolean {
  try {
    const { type, error } = JSON.parse(bytes.toString('utf8')) as { type?: unknown; error?: unknown };
    const isShaped = typeof error === 'object' && error !== null && 'message' in error;
    return isShaped && (dialect === 'openai' || type === 'error');
  } catch {
    return false;
  }
}
