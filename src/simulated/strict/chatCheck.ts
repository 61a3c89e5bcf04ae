import { isRecord } from '../../base/isRecord.ts';
import { chatMessageProblems } from './chatMessages.ts';
import { chatShape } from './chatShape.ts';
import { type ChatRules, type ChatVendor, chatRules } from './chatVendors.ts';
import { type GptTraits, gptTraits } from './modelFamily.ts';
import { listed, openaiFaults, openaiName } from './openaiFaults.ts';
import { type Problems, problem } from './problem.ts';
import { recordsOf } from './recordsOf.ts';
import { parametersFault } from './strictSchema.ts';

type Body = Record<string, unknown>;

/** Problems that a vendor's Chat API finds in a body, the first one first. */
export function* chatProblems(body: Body, vendor: ChatVendor): Problems {
  const rules = chatRules[vendor];
  const traits = gptTraits(typeof body['model'] === 'string' ? body['model'] : '');
  yield* openaiFaults(body, chatShape(rules, traits));
  if (vendor === 'openai') yield* openaiModelProblems(body, traits);
  yield* optionProblems(body, rules);
  yield* toolProblems(body, rules);
  yield* chatMessageProblems(body, rules);
  yield* reasoningProblems(body, rules);
}

/** A model of OpenAI that does not take a field, or not with tools. */
function* openaiModelProblems(body: Body, traits: GptTraits): Problems {
  const model = String(body['model']);
  const effort = body['reasoning_effort'];
  if (traits.reasons) {
    if (body['max_tokens'] !== undefined) {
      const message = `Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.`;
      yield problem('unsupported', message, 'max_tokens', 'unsupported_parameter');
    }
    if (effort !== 'none' || traits.takesConfigurationUpdates) yield* samplingProblems(body);
  }
  if (typeof effort === 'string' && !traits.efforts.includes(effort)) {
    const message = `Unsupported value: 'reasoning_effort' does not support '${effort}' with this model. Supported values are: ${listed(traits.efforts)}.`;
    yield problem('unsupported', message, 'reasoning_effort', 'unsupported_value');
  }
  if (recordsOf(body['tools']).length === 0) return;
  const isRefused =
    traits.chatTools === 'never' ||
    (traits.chatTools === 'withNone' && effort !== 'none') ||
    (traits.chatTools === 'withoutEffort' && effort !== undefined && effort !== 'none');
  if (!isRefused) return;
  const advice =
    traits.chatTools === 'withNone'
      ? "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
      : 'Please use /v1/responses instead.';
  const message = `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. ${advice}`;
  yield problem('unsupported', message, 'reasoning_effort');
}

function* samplingProblems(body: Body): Problems {
  const temperature = body['temperature'];
  if (typeof temperature === 'number' && temperature !== 1) {
    const message = `Unsupported value: 'temperature' does not support ${temperature} with this model. Only the default (1) value is supported.`;
    yield problem('unsupported', message, 'temperature', 'unsupported_value');
  }
  for (const name of ['top_p', 'stop', 'presence_penalty', 'frequency_penalty', 'logprobs']) {
    if (body[name] === undefined || body[name] === null) continue;
    const message = `Unsupported parameter: '${name}' is not supported with this model.`;
    yield problem('unsupported', message, name, 'unsupported_parameter');
  }
}

function* optionProblems(body: Body, rules: ChatRules): Problems {
  const stop = body['stop'];
  if (Array.isArray(stop) && stop.length > rules.stopLimit) {
    const message = `Invalid 'stop': array too long. Expected an array with maximum length ${rules.stopLimit}, but got an array with length ${stop.length} instead.`;
    yield problem('limit', message, 'stop', 'array_above_max_length');
  }
  for (const name of ['max_tokens', 'max_completion_tokens']) {
    const limit = body[name];
    if (typeof limit !== 'number' || limit >= 1) continue;
    const message = `Invalid '${name}': integer below minimum value. Expected a value >= 1, but got ${limit} instead.`;
    yield problem('limit', message, name, 'integer_below_min_value');
  }
  if (body['max_tokens'] !== undefined && body['max_completion_tokens'] !== undefined) {
    yield problem(
      'limit',
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    );
  }
  if (isRecord(body['stream_options']) && body['stream'] !== true) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    yield problem('unsupported', message, 'stream_options');
  }
  const format = isRecord(body['response_format']) ? body['response_format'] : {};
  const named = isRecord(format['json_schema']) ? format['json_schema'] : {};
  yield* openaiName(named['name'], 'response_format.json_schema.name', 64, /^[a-zA-Z0-9_-]+$/);
  const fault = parametersFault(named['schema'], named['strict'] === true);
  if (fault !== undefined) {
    yield problem('schema', `Invalid schema for response_format '${named['name']}': ${fault}`, 'response_format');
  }
  const temperature = body['temperature'];
  if (rules.onlyTemperature !== undefined && typeof temperature === 'number' && temperature !== rules.onlyTemperature) {
    const message = `invalid temperature: only ${rules.onlyTemperature} is allowed for this model`;
    yield problem('unsupported', message, 'temperature');
  }
}

function* toolProblems(body: Body, rules: ChatRules): Problems {
  const tools = recordsOf(body['tools']);
  if (Array.isArray(body['tools']) && tools.length === 0) {
    const message =
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    yield problem('emptyContent', message, 'tools', 'empty_array');
  }
  const names = new Set<unknown>();
  for (const [index, tool] of tools.entries()) {
    const called = isRecord(tool['function']) ? tool['function'] : {};
    const name = called['name'];
    yield* openaiName(name, `tools[${index}].function.name`, 64, /^[a-zA-Z0-9_-]+$/);
    if (names.has(name)) yield problem('duplicateTool', 'Tool names must be unique.', `tools[${index}].function.name`);
    names.add(name);
    const fault = parametersFault(called['parameters'], called['strict'] === true);
    if (fault !== undefined) {
      const message = `Invalid schema for function '${name}': ${fault}`;
      yield problem('schema', message, `tools[${index}].function.parameters`, 'invalid_function_parameters');
    }
  }
  for (const field of ['tool_choice', 'parallel_tool_calls']) {
    if (tools.length > 0 || body[field] === undefined || body[field] === null) continue;
    const message = `Invalid value for '${field}': '${field}' is only allowed when 'tools' are specified.`;
    yield problem('toolChoice', message, field);
  }
  yield* toolChoiceProblems(body['tool_choice'], names, rules);
}

function* toolChoiceProblems(choice: unknown, names: ReadonlySet<unknown>, rules: ChatRules): Problems {
  if (choice === undefined || choice === null || choice === 'auto') return;
  if (rules.toolChoice === 'auto') yield problem('toolChoice', 'tool_choice only supports auto', 'tool_choice');
  if (choice === 'none' || choice === 'required') return;
  const named = isRecord(choice) && isRecord(choice['function']) ? choice['function']['name'] : undefined;
  if (named !== undefined && names.has(named)) return;
  if (isRecord(choice) && choice['type'] === 'allowed_tools') return;
  const message = `Invalid value: 'tool_choice' names no tool of 'tools': '${named ?? String(choice)}'.`;
  yield problem('toolChoice', message, 'tool_choice', 'invalid_value');
}

/** The reasoning that a vendor wants back on each turn with calls, while it thinks. */
function* reasoningProblems(body: Body, rules: ChatRules): Problems {
  const thinking = isRecord(body['thinking']) ? body['thinking'] : {};
  const isOff = thinking['type'] === 'disabled';
  if (isOff && typeof body['reasoning_effort'] === 'string') {
    yield problem(
      'unsupported',
      'thinking options type cannot be disabled when reasoning_effort is set',
      null,
      'invalid_request_error',
    );
  }
  if (rules.reasoningMissing === undefined || isOff || !rules.thinksByDefault) return;
  for (const [index, message] of recordsOf(body['messages']).entries()) {
    if (recordsOf(message['tool_calls']).length === 0) continue;
    if (typeof message['reasoning_content'] === 'string') continue;
    yield problem('reasoningMissing', rules.reasoningMissing(index), `messages[${index}].reasoning_content`);
  }
}
