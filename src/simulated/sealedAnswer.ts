import type { AnswerScript } from './answerScript.ts';
import { anthropicBlock } from './anthropicWire.ts';
import type { Route } from './behaviour.ts';
import { responsesItem, responsesItemId } from './responsesWire.ts';
import { digestsOf, messagesPrefix, responsesPrefix } from './strict/prefix.ts';
import { digestOf, makeSeal } from './strict/seal.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An answer whose reasoning is sealed by its maker, for the model and the conversation of the request. */
export function sealedAnswer(route: Route, fields: Fields, script: AnswerScript, maker: string): AnswerScript {
  if (route !== 'messages' && route !== 'responses') return script;
  const isMessages = route === 'messages';
  const model = String(fields['model']);
  let prefix = digestsOf(isMessages ? messagesPrefix(fields) : responsesPrefix(fields)).at(-1) ?? '';
  const sealed: AnswerScript = { ...script, blocks: [...script.blocks] };
  for (const [index, block] of script.blocks.entries()) {
    if (block.kind === 'thinking') {
      const content = digestOf(isMessages ? block.pieces.join('') : responsesItemId(script, index));
      sealed.blocks[index] = { ...block, seal: makeSeal({ maker, model, prefix, content }) };
    }
    prefix = digestOf([prefix, isMessages ? messagesPiece(sealed, index) : responsesPiece(sealed, index)]);
  }
  return sealed;
}

function messagesPiece({ blocks }: AnswerScript, index: number): unknown {
  const block = blocks[index];
  const content = block === undefined ? [] : [anthropicBlock(block, false)];
  return messagesPrefix({ messages: [{ role: 'assistant', content }] }).pieces[0];
}

function responsesPiece(script: AnswerScript, index: number): unknown {
  return responsesPrefix({ input: [responsesItem(script, index, 'completed')] }).pieces[0];
}
