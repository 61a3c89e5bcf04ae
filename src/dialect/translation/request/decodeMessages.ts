import { isRecord } from '../../../base/isRecord.ts';
import type { Conversation, TextPart, Turn } from '../form/conversation.ts';
import { parseExactly } from '../form/exactJson.ts';
import { HeavyStrings } from '../form/heavyStrings.ts';
import { Losses } from '../form/loss.ts';
import { partsOf } from './messageBlocks.ts';
import { optionsOf } from './messageOptions.ts';
import { toolOf, toolsOf } from './messageTools.ts';
import { paired } from './pairing.ts';

/** A body as a conversation, or the field for which it cannot be translated at all. */
export type Decoded =
  | { readonly kind: 'decoded'; readonly conversation: Conversation }
  | { readonly kind: 'refused'; readonly path: string };

/** Fields that the conversation holds, or that mean something to Anthropic's servers alone. */
const knownFields = new Set([
  ...['model', 'messages', 'system', 'tools', 'tool_choice', 'max_tokens', 'stream', 'stop_sequences'],
  ...['temperature', 'top_p', 'top_k', 'thinking', 'output_config', 'service_tier', 'speed', 'metadata'],
  ...['context_management', 'diagnostics', 'safeguards', 'fallbacks', 'fallback_credit_token', 'user_profile_id'],
  ...['betas', 'cache_control'],
]);
/** Fields without which an answer would not be what the client asked for. */
const refusedFields = ['inference_geo', 'container', 'mcp_servers'];

/** Claude Code's first line, which changes with each request and would spoil every prompt cache but Anthropic's. */
const billingLine = /^x-anthropic-billing-header:[^\n]*(?:\n|$)/;

/** Reads the body of a Messages request (translation.md 1.1). Never throws. */
export function decodeMessages(body: Buffer): Decoded {
  const heavy = new HeavyStrings(body);
  const request = parsed(heavy.text);
  if (request === undefined || !Array.isArray(request['messages'])) return { kind: 'refused', path: 'messages' };
  const losses = new Losses();
  for (const name of refusedFields) if (isGiven(request[name])) losses.add('refused', name);
  for (const name of Object.keys(request)) {
    if (!knownFields.has(name) && !refusedFields.includes(name)) losses.add('dropped', name);
  }
  const turns = request['messages'].map((message: unknown, index) => turnOf(message, `messages[${index}]`, losses));
  const conversation: Conversation = {
    model: String(request['model'] ?? ''),
    isStream: request['stream'] === true,
    system: systemOf(request['system']),
    turns: paired(turns, losses),
    tools: toolsOf(request['tools'], 'tools', losses),
    options: optionsOf(request, losses),
    losses: losses.all,
    heavy,
  };
  const { refused } = losses;
  return refused === undefined ? { kind: 'decoded', conversation } : { kind: 'refused', path: refused };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseExactly(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function systemOf(system: unknown): TextPart[] {
  const blocks = typeof system === 'string' ? [{ type: 'text', text: system }] : Array.isArray(system) ? system : [];
  return blocks.flatMap((block: unknown, index): TextPart[] => {
    if (!isRecord(block) || typeof block['text'] !== 'string') return [];
    const text = index === 0 ? block['text'].replace(billingLine, '') : block['text'];
    const isCacheMark = isRecord(block['cache_control']);
    return text === '' ? [] : [{ kind: 'text', text, isCacheMark, path: `system[${index}]` }];
  });
}

function turnOf(message: unknown, path: string, losses: Losses): Turn {
  const { role, content, output_config: config } = isRecord(message) ? message : {};
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    losses.add('refused', `${path}.role`);
    return { role: 'user', parts: [], path };
  }
  const parts = partsOf(content, `${path}.content`, losses);
  if (role !== 'system') return { role, parts, path };
  const effort = isRecord(config) && typeof config['effort'] === 'string' ? config['effort'] : undefined;
  return { role, parts, effort, addedTools: addedTools(content, `${path}.content`, losses), path };
}

/** The tools that an instruction in the middle brings; one that it takes away stays, and is the client's to refuse. */
function addedTools(content: unknown, path: string, losses: Losses): Turn['addedTools'] {
  const blocks = Array.isArray(content) ? content : [];
  const added = blocks.flatMap((block: unknown, index) => {
    if (!isRecord(block) || block['type'] !== 'tool_addition') return [];
    const place = `${path}[${index}]`;
    if (Array.isArray(block['tools'])) return toolsOf(block['tools'], `${place}.tools`, losses);
    const tool = toolOf(block['tool'], `${place}.tool`, losses);
    return tool === undefined ? [] : [tool];
  });
  return added.length === 0 ? undefined : added;
}
