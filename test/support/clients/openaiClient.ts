import OpenAI, { type ClientOptions } from 'openai';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type ClientRig, keyOf } from './clientRig.ts';

const model = 'claude-of-both';

/** The request of every Chat Completions test. */
export const chatQuestion = {
  model,
  messages: [{ role: 'user', content: 'Say hello.' }],
} satisfies OpenAI.ChatCompletionCreateParamsNonStreaming;

/** The request of every Responses test. */
export const responsesQuestion = {
  model,
  input: 'Say hello.',
} satisfies OpenAI.Responses.ResponseCreateParamsNonStreaming;

/** The SDK with a rig's gateway as its API; it retries nothing itself unless told to. */
export function openaiOf({ gateway, token }: ClientRig, options: ClientOptions = {}): OpenAI {
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: token, maxRetries: 0, ...options });
}

/** The SDK that talks to an endpoint itself. */
export function openaiTo(endpoint: SimulatedEndpoint): OpenAI {
  return new OpenAI({ baseURL: `${endpoint.url}/v1`, apiKey: keyOf(endpoint), maxRetries: 0 });
}

/** The text of a Chat Completions stream. */
export function chatText(chunks: readonly OpenAI.ChatCompletionChunk[]): string {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

/** The text of a Responses stream. */
export function responsesText(events: readonly OpenAI.Responses.ResponseStreamEvent[]): string {
  return events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
}

/** Puts what comes into a list, so that it is there also when the stream breaks. */
export async function collect<T>(stream: Promise<AsyncIterable<T>>, into: T[] = []): Promise<T[]> {
  for await (const piece of await stream) into.push(piece);
  return into;
}
