import type { AnswerPart } from './answerParts.ts';
import type { Answer, Behaviour } from './behaviour.ts';

/** A healthy answer of these parts; options may stand among them. `answers(thinks('Hm.'), calls('Read', { path: 'a' }))`. */
export function answers(...said: readonly (AnswerPart | Answer)[]): Behaviour {
  const parts = said.filter((each) => 'kind' in each);
  const options = said.filter((each) => !('kind' in each));
  return { kind: 'healthy', parts, ...Object.assign({}, ...options) };
}

/** Text. */
export function says(text: string): AnswerPart {
  return { kind: 'text', text };
}

/** Reasoning. A strict endpoint seals it, and takes it back only as it was. */
export function thinks(text: string): AnswerPart {
  return { kind: 'thinking', text };
}

/** A call of a tool. */
export function calls(name: string, input: object | string = {}, id?: string): AnswerPart {
  return { kind: 'call', name, input, ...(id === undefined ? {} : { id }) };
}

/** Words of a refusal; the reason to stop is another thing. */
export function refuses(text: string): AnswerPart {
  return { kind: 'refusal', text };
}
