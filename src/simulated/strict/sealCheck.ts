import { fault } from './messagesFaults.ts';
import { blocksOf } from './messagesOrder.ts';
import { claudeTraits, gptTraits } from './modelFamily.ts';
import { digestsOf, messagesPrefix, responsesPrefix } from './prefix.ts';
import { type Problem, problem } from './problem.ts';
import { recordsOf } from './recordsOf.ts';
import { inputItems } from './responsesItems.ts';
import { digestOf, openSeal } from './seal.ts';

type Body = Record<string, unknown>;

/** Reasoning that the model does not get to see, with Anthropic's name of the reason. */
export interface Dropped {
  /** `messages.1.content.0` or `input[3]`. */
  readonly path: string;
  readonly reason: 'organization_binding_mismatch' | 'model_binding_mismatch' | 'prefix_binding_mismatch';
}

/** The fate of a request's sealed reasoning: refused with the first problem, or read without what was dropped. */
export interface SealVerdict {
  readonly refused: Problem | undefined;
  readonly dropped: readonly Dropped[];
}

/** The reader of seals. */
export interface SealReader {
  /** The endpoint's own name, as in its seals. */
  readonly maker: string;
  /** Reasoning is bound to its prefix whatever the model. */
  readonly bindsPrefix: boolean;
  /** A changed prefix is refused where the vendor would only drop the reasoning. */
  readonly refusesPrefixChange: boolean;
}

/**
 * Looks at the signatures of thinking. Made by nobody that is simulated here: refused. By another endpoint or model:
 * dropped. In another conversation: refused, or dropped where the request asks for it.
 */
export function messagesSeals(body: Body, reader: SealReader): SealVerdict {
  const model = String(body['model']);
  const isBound = reader.bindsPrefix || claudeTraits(model).bindsPrefix;
  const thinking = recordsOf([body['thinking']])[0];
  const binding = recordsOf([thinking?.['block_binding']])[0];
  const drops = binding?.['prefix_mismatch_behavior'] === 'drop_block';
  const dropped: Dropped[] = [];
  const digests = isBound ? digestsOf(messagesPrefix(body)) : [];
  let nth = -1;
  for (const [index, message] of recordsOf(body['messages']).entries()) {
    for (const [place, block] of blocksOf(message).entries()) {
      nth += 1;
      const type = block['type'];
      if (type !== 'thinking' && type !== 'redacted_thinking') continue;
      const path = `messages.${index}.content.${place}`;
      const [field, text] = type === 'thinking' ? ['signature', block['thinking']] : ['data', ''];
      const seal = openSeal(String(block[field]));
      const invalid = `Invalid \`${field}\` in \`${type}\` block`;
      if (seal === undefined) return { refused: fault('seal', path, invalid), dropped };
      if (seal.content !== digestOf(text)) {
        const words = `\`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.`;
        return { refused: fault('seal', path, words), dropped };
      }
      if (seal.maker !== reader.maker) dropped.push({ path, reason: 'organization_binding_mismatch' });
      else if (seal.model !== model) dropped.push({ path, reason: 'model_binding_mismatch' });
      else if (isBound && seal.prefix !== digests[nth]) {
        if (!drops || reader.refusesPrefixChange) {
          const words = `${invalid}. The block is bound to a different conversation. Remove the block, or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block".`;
          return { refused: fault('prefix', path, words), dropped };
        }
        dropped.push({ path, reason: 'prefix_binding_mismatch' });
      }
    }
  }
  return { refused: undefined, dropped };
}

/**
 * Looks at the encrypted content of reasoning items. It must be this endpoint's, of this model and of this item; where the
 * items before it have changed it is dropped.
 */
export function responsesSeals(body: Body, reader: SealReader): SealVerdict {
  const model = String(body['model']);
  const isBound = reader.bindsPrefix || gptTraits(model).bindsPrefix;
  const digests = isBound ? digestsOf(responsesPrefix(body)) : [];
  const dropped: Dropped[] = [];
  for (const [index, item] of inputItems(body['input']).entries()) {
    if (item['type'] !== 'reasoning') continue;
    const text = String(item['encrypted_content']);
    const seal = openSeal(text);
    const why =
      seal === undefined || seal.model !== model
        ? 'Encrypted content could not be decrypted or parsed.'
        : seal.maker !== reader.maker
          ? 'Encrypted content organization_id did not match the target organization.'
          : seal.content !== digestOf(item['id'])
            ? 'Encrypted content item_id did not match the target item id.'
            : undefined;
    if (why !== undefined) {
      const shown = `${text.slice(0, 4)}...${text.slice(-4)}`;
      const message = `The encrypted content ${shown} could not be verified. Reason: ${why}`;
      return { refused: problem('seal', message, null, 'invalid_encrypted_content'), dropped };
    }
    if (!isBound || seal?.prefix === digests[index]) continue;
    const path = `input[${index}]`;
    if (reader.refusesPrefixChange) {
      const message = `The items before '${item['id']}' are not those that it was made after.`;
      return { refused: problem('prefix', message, path), dropped };
    }
    dropped.push({ path, reason: 'prefix_binding_mismatch' });
  }
  return { refused: undefined, dropped };
}
