import { isRecord } from '../../base/isRecord.ts';
import { type GptTraits, gptTraits } from './modelFamily.ts';
import { listed, openaiFaults, openaiName } from './openaiFaults.ts';
import { type Problems, problem } from './problem.ts';
import { recordsOf } from './recordsOf.ts';
import { inputItems, isFollower, itemProblems } from './responsesItems.ts';
import { responsesShape } from './responsesShape.ts';
import { parametersFault } from './strictSchema.ts';

type Body = Record<string, unknown>;

/**
 * Problems that the Responses API finds in a body, the first one first; the seals of reasoning are looked at elsewhere.
 * `isCount`: the body only asks for its number of tokens.
 */
export function* responsesProblems(body: Body, isCount = false): Problems {
  const traits = gptTraits(typeof body['model'] === 'string' ? body['model'] : '');
  yield* openaiFaults(withTypes(body), responsesShape(traits, isCount));
  yield* optionProblems(body, traits);
  yield* toolProblems(body);
  const items = inputItems(body['input']);
  if (items.length === 0) {
    const message =
      "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    yield problem('emptyContent', message, 'input', 'empty_array');
  }
  yield* itemProblems(items);
  yield* reasoningProblems(items);
}

function withTypes(body: Body): Body {
  return Array.isArray(body['input']) ? { ...body, input: inputItems(body['input']) } : body;
}

function* optionProblems(body: Body, traits: GptTraits): Problems {
  const limit = body['max_output_tokens'];
  if (typeof limit === 'number' && limit < 16) {
    const message = `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${limit} instead.`;
    yield problem('limit', message, 'max_output_tokens', 'integer_below_min_value');
  }
  for (const name of traits.reasons ? ['temperature', 'top_p', 'top_logprobs'] : []) {
    if (body[name] === undefined || body[name] === null) continue;
    yield problem('unsupported', `Unsupported parameter: '${name}' is not supported with this model.`, name);
  }
  const reasoning = isRecord(body['reasoning']) ? body['reasoning'] : undefined;
  if (reasoning !== undefined && !traits.reasons && typeof reasoning['effort'] === 'string') {
    const message = "Unsupported parameter: 'reasoning.effort' is not supported with this model.";
    yield problem('unsupported', message, 'reasoning.effort', 'unsupported_parameter');
  }
  const effort = reasoning?.['effort'];
  if (typeof effort === 'string' && traits.reasons && !traits.efforts.includes(effort)) {
    const message = `Unsupported value: '${effort}' is not supported with the '${body['model']}' model. Supported values are: ${listed(traits.efforts)}.`;
    yield problem('unsupported', message, 'reasoning.effort', 'unsupported_value');
  }
  const summary = reasoning?.['summary'];
  if (typeof summary === 'string' && !['auto', 'concise', 'detailed', 'none'].includes(summary)) {
    const message = `Invalid value: '${summary}'. Supported values are: 'concise', 'detailed', and 'auto'.`;
    yield problem('unsupported', message, 'reasoning.summary', 'invalid_value');
  }
  const key = body['prompt_cache_key'];
  yield* openaiName(key, 'prompt_cache_key', 64);
  if (body['previous_response_id'] !== undefined && body['previous_response_id'] !== null) {
    const message = `Previous response with id '${body['previous_response_id']}' not found.`;
    yield problem('unsupported', message, 'previous_response_id', 'previous_response_not_found');
  }
  const format = isRecord(body['text']) && isRecord(body['text']['format']) ? body['text']['format'] : {};
  yield* openaiName(format['name'], 'text.format.name', 64, /^[a-zA-Z0-9_-]+$/);
  const fault = parametersFault(format['schema'], format['strict'] === true);
  if (fault !== undefined) {
    const message = `Invalid schema for response_format '${format['name']}': ${fault}`;
    yield problem('schema', message, 'text.format.schema', 'invalid_json_schema');
  }
}

function* toolProblems(body: Body): Problems {
  const names = new Set<unknown>();
  const later = inputItems(body['input']).flatMap((item) => recordsOf(item['tools']));
  for (const [index, tool] of [...recordsOf(body['tools']), ...later].entries()) {
    if (tool['type'] !== 'function' && tool['type'] !== 'custom') continue;
    const name = tool['name'];
    yield* openaiName(name, `tools[${index}].name`, 64, /^[a-zA-Z0-9_-]+$/);
    if (names.has(name)) yield problem('duplicateTool', 'Tool names must be unique.', `tools[${index}].name`);
    names.add(name);
    // Responses is strict unless told otherwise.
    const fault = parametersFault(tool['parameters'], tool['strict'] !== false);
    if (fault === undefined) continue;
    const message = `Invalid schema for function '${name}': ${fault}`;
    yield problem('schema', message, `tools[${index}].parameters`, 'invalid_function_parameters');
  }
  const choice = body['tool_choice'];
  if (choice === undefined || choice === null || choice === 'auto' || choice === 'none') return;
  const all = [...recordsOf(body['tools']), ...later];
  if (all.length === 0) {
    const word = typeof choice === 'string' ? choice : 'function';
    yield problem('toolChoice', `Tool choice '${word}' must be specified with 'tools' parameter.`, 'tool_choice');
  }
  if (!isRecord(choice) || choice['type'] === 'allowed_tools') return;
  const isThere = all.some(({ type, name }) => type === choice['type'] && name === choice['name']);
  if (isThere) return;
  yield problem('toolChoice', `Tool choice '${choice['type']}' not found in 'tools' parameter.`, 'tool_choice');
}

/** Reasoning stands directly before what was said after it, is sealed, and has no text of its own. */
function* reasoningProblems(items: readonly Record<string, unknown>[]): Problems {
  for (const [index, item] of items.entries()) {
    if (item['type'] !== 'reasoning') continue;
    const id = item['id'];
    const content: unknown[] = Array.isArray(item['content']) ? item['content'] : [];
    if (content.length > 0) {
      const message = `Invalid 'input[${index}].content': array too long. Expected an array with maximum length 0, but got an array with length ${content.length} instead.`;
      yield problem('limit', message, `input[${index}].content`, 'array_above_max_length');
    }
    if (typeof item['encrypted_content'] !== 'string') {
      const message = `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`;
      yield { ...problem('seal', message, 'input'), status: 404 };
    }
    if (isFollower(items[index + 1])) continue;
    const message = `Item '${id}' of type 'reasoning' was provided without its required following item.`;
    yield problem('reasoningOrder', message, 'input');
  }
}
