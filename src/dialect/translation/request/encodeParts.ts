import type { Conversation, FunctionTool, MediaSource, Options, Part, Tool } from '../form/conversation.ts';
import type { Losses } from '../form/loss.ts';
import { ToolNames } from '../form/toolNames.ts';

/** Stands before the text of a result that is an error, in formats that have no field for that. */
export const errorMark = '[tool error]';

/** An instruction in the middle, for endpoints that take none there: as clients put theirs. */
export function reminder(text: string): string {
  return `<system-reminder>\n${text}\n</system-reminder>`;
}

/** Bytes as an address, as OpenAI's formats want them. */
export function dataUrl(source: MediaSource): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

/** The texts among parts, a blank line between two. */
export function joinedText(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.kind === 'text' || part.kind === 'serverTool' ? [part.text] : [])).join('\n\n');
}

/** The tools from the beginning and those that came later, which stand behind them: the prefix stays. */
export function allTools({ tools, turns }: Conversation): Tool[] {
  const all = [...tools];
  const known = new Set(tools.map(({ name }) => name));
  for (const tool of turns.flatMap(({ addedTools = [] }) => addedTools)) {
    if (known.has(tool.name)) continue;
    known.add(tool.name);
    all.push(tool);
  }
  return all;
}

/** The names of a request's tools and of the calls in its history. */
export function namesOf(tools: readonly Tool[], { turns }: Conversation): ToolNames {
  const calls = turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'toolUse' ? [part.name] : [])));
  return new ToolNames([...tools.map(({ name }) => name), ...calls]);
}

/** A schema as OpenAI's formats want it: an object has properties, if only none. */
export function parametersOf({ schema }: FunctionTool): Readonly<Record<string, unknown>> {
  return schema['type'] === 'object' && schema['properties'] === undefined ? { ...schema, properties: {} } : schema;
}

/** The service tier, which only OpenAI has; `auto` is the default of all others, so leaving it out is no loss. */
export function serviceTier(
  { serviceTier: tier }: Options,
  isOpenai: boolean,
  losses: Losses,
): { service_tier?: string } {
  if (tier === undefined) return {};
  const path = tier === 'fast' ? 'speed' : 'service_tier';
  if (tier !== 'auto') losses.add(isOpenai ? 'changed' : 'dropped', path);
  return isOpenai ? { service_tier: tier } : {};
}

/** The effort that stands for a budget of tokens. */
export function effortOfBudget(tokens: number): string {
  if (tokens <= 2048) return 'low';
  if (tokens <= 8192) return 'medium';
  return tokens <= 24_576 ? 'high' : 'xhigh';
}

const efforts = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** The nearest effort that an endpoint has: the next one below, else the lowest. An unknown word is the middle. */
export function nearestEffort(effort: string, has: readonly string[]): string {
  if (has.includes(effort)) return effort;
  const wanted = efforts.includes(effort) ? efforts.indexOf(effort) : efforts.indexOf('medium');
  const below = has.filter((one) => efforts.indexOf(one) <= wanted);
  return below.at(-1) ?? has[0] ?? effort;
}

/** OpenAI's models that reason by themselves: they refuse sampling parameters and stop sequences. */
export function isReasoningModel(model: string): boolean {
  return /(?:^|\/)(?:o\d|gpt-(?:[5-9]|\d{2,}))/.test(model.toLowerCase());
}

/** Whether a schema meets OpenAI's terms for strict answers: all properties are required, and no others are allowed. */
export function meetsStrict(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return true;
  if (Array.isArray(schema)) return schema.every(meetsStrict);
  const { type, properties, required, additionalProperties } = schema as Readonly<Record<string, unknown>>;
  if (type === 'object') {
    const names = Object.keys((properties as object | undefined) ?? {});
    const isAll = Array.isArray(required) && names.every((name) => required.includes(name));
    if (!isAll || additionalProperties !== false) return false;
  }
  return Object.values(schema).every(meetsStrict);
}
