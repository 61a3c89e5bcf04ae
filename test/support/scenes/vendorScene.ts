import assert from 'node:assert/strict';
import type { StatusAnswer } from '../../../src/simulated/behaviour.ts';
import type { SimulatedEndpoint } from '../../../src/simulated/simulatedEndpoint.ts';
import type { Answer } from './converse.ts';
import { message, type Part, type Scene } from './scene.ts';

/** One dialect, and the two endpoints of a scene that speak it, in the order of their priority. */
export interface Vendor {
  readonly name: string;
  readonly path: string;
  readonly model: string;
  readonly ids: readonly [string, string];
}

export const anthropic: Vendor = {
  name: 'Anthropic',
  path: '/v1/messages',
  model: 'claude-sonnet-4-5',
  ids: ['first', 'second'],
};

export const openai: Vendor = {
  name: 'OpenAI',
  path: '/v1/chat/completions',
  model: 'gpt-5',
  ids: ['third', 'fourth'],
};

/** Two endpoints of each vendor. */
export const vendorParts: readonly Part[] = [
  ...anthropic.ids.map((id) => ({ id })),
  ...openai.ids.map((id) => ({ id, config: { dialect: 'openai' } })),
];

/** A request in the dialect, of a session that was not seen before. */
export function askVendor(
  scene: Scene,
  { path, model }: Vendor,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return scene.ask(path, { headers, json: message({ model, ...more }) });
}

/** Both endpoints of the vendor, the first choice first. */
export function endpointsOf(scene: Scene, { ids }: Vendor): readonly [SimulatedEndpoint, SimulatedEndpoint] {
  return [scene.endpoint(ids[0]), scene.endpoint(ids[1])];
}

/** Fails unless the client got exactly what the endpoint had said: status, bytes, and the vendor's own headers. */
export function assertPassedOn(answer: Answer, said: StatusAnswer): void {
  assert.equal(answer.status, said.status, answer.text);
  assert.equal(answer.text, typeof said.body === 'string' ? said.body : JSON.stringify(said.body));
  assert.equal(answer.isComplete, true);
  for (const [name, value] of Object.entries(said.headers ?? {})) {
    if (!name.startsWith('retry-after')) assert.equal(answer.headers[name], String(value), name);
  }
}
