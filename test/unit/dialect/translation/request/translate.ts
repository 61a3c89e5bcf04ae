import assert from 'node:assert/strict';
import { parseConfig } from '../../../../../src/core/config/config.ts';
import { profileOf } from '../../../../../src/dialect/translation/form/profiles.ts';
import type { Encoded, Target } from '../../../../../src/dialect/translation/form/target.ts';
import { decodeMessages } from '../../../../../src/dialect/translation/request/decodeMessages.ts';
import { encodeChat } from '../../../../../src/dialect/translation/request/encodeChat.ts';
import { encodeResponses } from '../../../../../src/dialect/translation/request/encodeResponses.ts';

export type Fields = Record<string, unknown>;
type ProfileName = 'generic' | 'openai' | 'deepseek' | 'glm' | 'openrouter' | 'kimi' | 'qwen' | 'vllm';

const models: Readonly<Partial<Record<ProfileName, string>>> = { openai: 'gpt-5.6', deepseek: 'deepseek-v4' };

/** The target of tests: an endpoint of that vendor, and its usual model. */
export function targetOf(name: ProfileName, more: Partial<Target> = {}): Target {
  const endpoint = { id: 'one', baseUrl: 'https://api.example.com', dialect: 'openai', profile: name };
  const parsed = parseConfig({ endpoints: [endpoint] });
  assert.ok(parsed.kind === 'ok');
  const [config] = parsed.config.endpoints;
  assert.ok(config !== undefined);
  return {
    profile: profileOf(config),
    model: models[name] ?? 'some-model',
    origin: 'own',
    cacheKey: undefined,
    carriesReasoning: true,
    refusedFields: new Set(),
    ...more,
  };
}

/** A Messages request with these fields, from the body to the endpoint's body. */
export function encoded(request: object, format: 'chat' | 'responses', target: Target): Encoded {
  const decoded = decodeMessages(Buffer.from(JSON.stringify({ model: 'claude-opus-5-5', ...request })));
  if (decoded.kind === 'refused') return decoded;
  return format === 'chat' ? encodeChat(decoded.conversation, target) : encodeResponses(decoded.conversation, target);
}

/** The body for the endpoint, parsed, and the losses as `path`; fails where it is refused. */
export function translated(request: object, format: 'chat' | 'responses', target: Target) {
  const result = encoded(request, format, target);
  assert.ok(result.kind === 'encoded', `refused: ${JSON.stringify(result)}`);
  const body = JSON.parse(result.body.toString()) as Fields;
  return {
    body,
    text: result.body.toString(),
    losses: result.losses.map(({ path }) => path),
    stopSequences: result.stopSequences,
    toolNames: result.toolNames,
  };
}

/** The same for Chat, the usual case: its messages too. */
export function toChat(request: object, name: ProfileName = 'generic', more: Partial<Target> = {}) {
  const result = translated(request, 'chat', targetOf(name, more));
  return { ...result, messages: result.body['messages'] as Fields[] };
}

/** The body for a Chat endpoint from a body as it came. */
export function chatOf(body: string): { readonly text: string } {
  const decoded = decodeMessages(Buffer.from(body));
  assert.ok(decoded.kind === 'decoded');
  const result = encodeChat(decoded.conversation, targetOf('generic'));
  assert.ok(result.kind === 'encoded');
  return { text: result.body.toString() };
}

/** The same for Responses: its items too. */
export function toResponses(request: object, more: Partial<Target> = {}) {
  const result = translated(request, 'responses', targetOf('openai', more));
  return { ...result, input: result.body['input'] as Fields[] };
}

/** The path for which the request is refused. */
export function refusedFor(request: object, format: 'chat' | 'responses', target: Target): string {
  const result = encoded(request, format, target);
  assert.ok(result.kind === 'refused', 'it was taken');
  return result.path;
}

export const user = (content: unknown) => ({ role: 'user', content });
export const assistant = (content: unknown) => ({ role: 'assistant', content });
export const toolUse = (id: string, name = 'Read', input: object = { path: id }) => ({
  type: 'tool_use',
  id,
  name,
  input,
});
export const toolResult = (id: string, content: unknown, more: object = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...more,
});
export const tool = (name: string, more: object = {}) => ({
  name,
  description: `Does ${name}`,
  input_schema: { type: 'object', properties: { path: { type: 'string' } } },
  ...more,
});
export const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aW1hZ2U=' } };
export const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'cGRm' } };
