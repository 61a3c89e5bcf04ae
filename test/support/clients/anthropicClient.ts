import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import { type ClientRig, keyOf } from './clientRig.ts';

/** The request of every test. */
export const question = {
  model: 'claude-of-both',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Say hello.' }],
} satisfies Anthropic.MessageCreateParamsNonStreaming;

/** The SDK with a rig's gateway as its API; it retries nothing itself unless told to. */
export function anthropicOf({ gateway, token }: ClientRig, options: ClientOptions = {}): Anthropic {
  return new Anthropic({ baseURL: gateway.url, apiKey: token, maxRetries: 0, ...options });
}

/** The SDK that talks to an endpoint itself. */
export function anthropicTo(endpoint: SimulatedEndpoint): Anthropic {
  return new Anthropic({ baseURL: endpoint.url, apiKey: keyOf(endpoint), maxRetries: 0 });
}
