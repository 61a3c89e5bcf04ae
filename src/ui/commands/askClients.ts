import * as vscode from 'vscode';
import type { CheckAnswer } from '../../contract/control.ts';
import { nativeDoor } from '../model/settings/providers.ts';
import { askChoice, askText, back, type StepResult } from '../words/multiStep.ts';
import { checkUntilSaved } from './endpointCheck.ts';
import type { Services } from './services.ts';

const t = vscode.l10n.t;

/** The clients that an endpoint of the OpenAI API is to serve besides its own. */
export type ServedClients =
  | { readonly kind: 'own' }
  /** Claude Code by translation; `model`: the one for Claude's names, undefined where the endpoint knows these. */
  | { readonly kind: 'translated'; readonly model: string | undefined }
  /** Claude Code through a second endpoint of the Anthropic API. */
  | { readonly kind: 'native'; readonly url: string; readonly auth: 'x-api-key' | 'bearer' | 'none' | undefined };

/** The endpoint that was checked, and the place of the step. */
interface Question {
  readonly url: string;
  readonly key: string;
  readonly answer: CheckAnswer | undefined;
  readonly chosen: ServedClients['kind'];
  readonly of: readonly [step: number, totalSteps: number];
}

/** Asks which clients an endpoint of the OpenAI API may serve; the vendor's own Anthropic API comes before translation. */
export async function askClients(services: Services, question: Question): Promise<StepResult<ServedClients | 'key'>> {
  const { url, answer, key, chosen, of } = question;
  const door = nativeDoor(url) ?? (answer?.hasMessages === true ? answer.baseUrl : undefined);
  const items = [
    { go: 'own' as const, label: t('OpenAI clients only'), detail: t('Nothing of other clients goes to this vendor.') },
    ...(door === undefined
      ? []
      : [
          {
            go: 'native' as const,
            label: t('Claude Code too, by its own Anthropic API'),
            detail: t('Adds a second endpoint: {0}', door),
          },
        ]),
    {
      go: 'translated' as const,
      label: t('Claude Code too, by translation'),
      detail: t('While no Anthropic endpoint is usable. Prompts and code then go to this vendor.'),
    },
  ];
  for (;;) {
    const picked = await askChoice({
      title: t('Add Endpoint'),
      of,
      hasBack: true,
      placeholder: t('Which clients may it serve?'),
      items,
      active: items.find(({ go }) => go === chosen),
    });
    if (picked === undefined || picked === back) return picked;
    if (picked.go === 'own') return { kind: 'own' };
    if (picked.go === 'native' && door !== undefined) return checkDoor(services, door, key);
    if (answer?.models.some((model) => model.startsWith('claude-')) === true) {
      return { kind: 'translated', model: undefined };
    }
    const model = await askModel(answer?.models ?? [], of);
    if (model !== back) return model === undefined ? undefined : { kind: 'translated', model };
  }
}

async function checkDoor(services: Services, url: string, key: string): Promise<ServedClients | 'key' | undefined> {
  const endpoint = { id: 'check', baseUrl: url, dialect: 'anthropic' } as const;
  const saving = t('It can be changed later.');
  const checked = await checkUntilSaved(services, { endpoint, key }, { hasAddress: false, saving });
  if (checked === undefined) return undefined;
  if (typeof checked === 'string') return 'key';
  return { kind: 'native', url: checked.answer?.baseUrl ?? url, auth: checked.auth };
}

/** Claude's names mean nothing to the endpoint: asks for the model that answers in their place. */
async function askModel(models: readonly string[], of: Question['of']): Promise<StepResult<string>> {
  const step = { title: t('Add Endpoint'), of, hasBack: true };
  if (models.length === 0) {
    const validate = (text: string) => (text.trim() === '' ? t('Enter the name of a model') : undefined);
    const prompt = t('The model that answers Claude Code, by its name at this endpoint');
    return askText({ ...step, prompt, placeholder: '', value: '', validate, keep: () => undefined });
  }
  const items = models.map((label) => ({ label }));
  const placeholder = t('Which model answers Claude Code?');
  const picked = await askChoice({ ...step, placeholder, items });
  return picked === undefined || picked === back ? picked : picked.label;
}
