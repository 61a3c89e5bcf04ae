import type { FormatName } from '../config/config.ts';

/** The formats as their vendors call them, in every language. */
export const formatNames: Readonly<Record<FormatName, string>> = {
  messages: 'Messages',
  chat: 'Chat Completions',
  responses: 'Responses',
};
