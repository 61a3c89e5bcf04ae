import { isRecord } from '../../base/isRecord.ts';
import { fault, messagesFaults } from './messagesFaults.ts';
import { blocksOf, orderProblems } from './messagesOrder.ts';
import { messagesShape, toolShape } from './messagesShape.ts';
import { type ClaudeTraits, claudeTraits } from './modelFamily.ts';
import type { Problems } from './problem.ts';
import { recordsOf } from './recordsOf.ts';

type Body = Record<string, unknown>;

/**
 * Problems that the Messages API finds in a body, the first one first; the signatures of thinking are looked at elsewhere.
 * `isCount`: the body only asks for its number of tokens. `alternates`: two turns of one role in a row are refused.
 */
export function* messagesProblems(body: Body, isCount = false, alternates = false): Problems {
  const traits = claudeTraits(typeof body['model'] === 'string' ? body['model'] : '');
  yield* messagesFaults(body, messagesShape(isCount));
  yield* toolProblems(body, traits);
  yield* thinkingProblems(body, traits);
  yield* samplingProblems(body, traits);
  yield* markProblems(body);
  yield* orderProblems(body, traits, alternates);
}

function* toolProblems(body: Body, traits: ClaudeTraits): Problems {
  const tools = recordsOf(body['tools']);
  const names = new Set<unknown>();
  for (const [index, tool] of tools.entries()) {
    const shape = toolShape(tool);
    const path = ['tools', index, ...(shape === 'object' ? [] : [{ tag: 'custom' }])];
    yield* messagesFaults(tool, shape, path);
    const name = tool['name'];
    if (typeof name === 'string' && !/^[a-zA-Z0-9_-]{1,128}$/.test(name)) {
      yield fault('alphabet', `tools.${index}.custom.name`, "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
    }
    const schema = tool['input_schema'];
    if (isRecord(schema) && schema['type'] !== 'object') {
      const words = schema['type'] === undefined ? 'Field required' : "Input should be 'object'";
      yield fault('schema', `tools.${index}.custom.input_schema.type`, words);
    }
    if (name !== undefined && names.has(name)) yield fault('duplicateTool', 'tools', 'Tool names must be unique.');
    names.add(name);
  }
  const choice = isRecord(body['tool_choice']) ? body['tool_choice'] : undefined;
  if (choice === undefined) return;
  const isForced = choice['type'] === 'any' || choice['type'] === 'tool';
  if (tools.length === 0) yield fault('toolChoice', 'tool_choice', 'may only be specified while providing tools');
  if (isForced && !traits.forcedTool) {
    yield fault('toolChoice', 'tool_choice', 'type "tool" and "any" are not supported for this model.');
  }
  if (isForced && isRecord(body['thinking']) && body['thinking']['type'] === 'enabled') {
    yield fault('toolChoice', '', 'Thinking may not be enabled when tool_choice forces tool use.');
  }
  if (choice['type'] === 'tool' && !names.has(choice['name'])) {
    yield fault('toolChoice', '', `Tool '${choice['name']}' not found in provided tools`);
  }
}

function* thinkingProblems(body: Body, traits: ClaudeTraits): Problems {
  const thinking = isRecord(body['thinking']) ? body['thinking'] : undefined;
  if (thinking === undefined) return;
  const type = thinking['type'];
  if (type === 'enabled' && !traits.budgets) {
    const words =
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
    yield fault('unsupported', '', words);
  }
  if (type === 'disabled' && !traits.canBeOff) {
    yield fault('unsupported', '', '"thinking.type.disabled" is not supported for this model.');
  }
  const budget = thinking['budget_tokens'];
  if (type !== 'enabled' || typeof budget !== 'number') return;
  if (budget < 1024) {
    yield fault('limit', 'thinking.enabled.budget_tokens', 'Input should be greater than or equal to 1024');
  }
  const limit = body['max_tokens'];
  if (typeof limit === 'number' && limit <= budget) {
    yield fault(
      'limit',
      '',
      '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size',
    );
  }
  yield* firstBlockProblems(body);
}

/** With a budget for thinking the loop of calls that goes on must begin with a thinking block. */
function* firstBlockProblems(body: Body): Problems {
  const messages = recordsOf(body['messages']);
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  const first = blocksOf(messages[last])[0];
  const calls = blocksOf(messages[last]).some(({ type }) => type === 'tool_use');
  if (last < 0 || first === undefined || !calls) return;
  if (first['type'] === 'thinking' || first['type'] === 'redacted_thinking') return;
  const words = `Expected \`thinking\` or \`redacted_thinking\`, but found \`${first['type']}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`.`;
  yield fault('reasoningMissing', `messages.${last}.content.0.type`, words);
}

function* samplingProblems(body: Body, traits: ClaudeTraits): Problems {
  const limit = body['max_tokens'];
  if (typeof limit === 'number' && limit < 0) {
    yield fault('limit', 'max_tokens', 'Input should be greater than or equal to 0');
  }
  const { temperature, top_p: topP } = body;
  for (const name of traits.sampling ? [] : ['temperature', 'top_p', 'top_k']) {
    if (body[name] === undefined || body[name] === null || body[name] === 1) continue;
    yield fault('unsupported', '', `\`${name}\` is deprecated for this model.`);
  }
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 1)) {
    yield fault('limit', 'temperature', 'range: 0..1');
  }
  const isThinking = isRecord(body['thinking']) && body['thinking']['type'] !== 'disabled';
  if (isThinking && typeof temperature === 'number' && temperature !== 1) {
    yield fault('unsupported', '', '`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.');
  }
  if (typeof temperature === 'number' && typeof topP === 'number') {
    yield fault(
      'unsupported',
      '',
      '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
    );
  }
  const stops: unknown[] = Array.isArray(body['stop_sequences']) ? body['stop_sequences'] : [];
  if (stops.some((stop) => typeof stop === 'string' && stop.trim() === '')) {
    yield fault('emptyContent', 'stop_sequences', 'each stop sequence must contain non-whitespace');
  }
}

/** At most four marks for the prompt cache, and none on thinking (whose form does not have it). */
function* markProblems(body: Body): Problems {
  const blocks = recordsOf(body['messages']).flatMap((message) => blocksOf(message));
  const parts = blocks.flatMap((block) => [block, ...recordsOf(block['content'])]);
  const marked = [...recordsOf(body['tools']), ...recordsOf(body['system']), ...parts, body].filter(
    (each) => each['cache_control'] !== undefined && each['cache_control'] !== null,
  );
  if (marked.length > 4) {
    yield fault('limit', '', `A maximum of 4 blocks with cache_control may be provided. Found ${marked.length}.`);
  }
}
