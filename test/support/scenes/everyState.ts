import { setTimeout } from 'node:timers/promises';
import type { Behaviour } from '../../../src/simulated/behaviour.ts';
import type { ScenePart, WindowScene } from '../windows/windowScene.ts';

const haiku = 'claude-haiku-4-5';

/** Each endpoint serves a model of its own, so that a request for it goes nowhere else. */
function part(id: string, name: string, setting: object = {}, simulated: ScenePart['simulated'] = {}): ScenePart {
  return { id, setting: { name, models: [modelOf(id)], ...setting }, simulated };
}

function modelOf(id: string): string {
  return `claude-${id}-5`;
}

/** Endpoints that can be brought into every state there is, by names that need no translation. */
export const everyStateParts: readonly ScenePart[] = [
  part('healthy', 'Anthropic'),
  part('unused', 'AWS'),
  part('degraded', 'Contoso', { models: [haiku, modelOf('degraded')] }),
  part('cooling', 'Fabrikam'),
  part('open', 'Northwind'),
  part(
    'suspended',
    'Tailspin',
    { auth: 'x-api-key', apiKey: 'env:SIGNALBOX_TEST_KEY' },
    { apiKey: 'another-key-than-that' },
  ),
  part('disabled', 'Wingtip', { enabled: false }),
  part('key-missing', 'Woodgrove', { auth: 'x-api-key' }),
];

/** The models that they serve. */
export const everyStateModels: readonly string[] = [haiku, ...everyStateParts.map(({ id }) => modelOf(id))];

/** The environment of the windows in such a scene. */
export const everyStateEnvironment = { SIGNALBOX_TEST_KEY: 'sk-not-the-right-one' };

const overloaded: Behaviour = { kind: 'status', status: 529 };
const rateLimited: Behaviour = { kind: 'status', status: 429, headers: { 'retry-after': '600' } };

/** Sends what brings each endpoint into the state that it is named after. */
export async function reachEveryState(scene: WindowScene): Promise<void> {
  const ask = (id: string) => scene.ask(id, modelOf(id));
  await ask('healthy');
  await ask('degraded');
  scene.endpoint('degraded').behave(rateLimited);
  await scene.ask('degraded', haiku);
  scene.endpoint('cooling').behave(overloaded);
  await ask('cooling');
  await scene.endpoint('open').refuse();
  for (let index = 0; index < 3; index += 1) await ask('open');
  await ask('suspended');
  // A key counts as refused only when two refusals are at least a second apart.
  await setTimeout(1100);
  await ask('suspended');
}
