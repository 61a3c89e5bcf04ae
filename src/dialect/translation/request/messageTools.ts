import { isRecord } from '../../../base/isRecord.ts';
import type { HostedTool, Tool } from '../form/conversation.ts';
import type { Losses } from '../form/loss.ts';

type Fields = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const number = { type: 'integer' };
/** Anthropic's tools that the client runs: their published parameters. */
const clientTools: readonly (readonly [type: RegExp, description: string, properties: Fields, required: string[]])[] = [
  [/^bash_\d+$/, 'Run a command in a shell that keeps its state.', { command: text, restart: { type: 'boolean' } }, []],
  [
    /^text_editor_\d+$/,
    'View, create and edit text files.',
    {
      command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert', 'undo_edit'] },
      path: text,
      file_text: text,
      old_str: text,
      new_str: text,
      insert_line: number,
      insert_text: text,
      view_range: { type: 'array', items: number },
    },
    ['command', 'path'],
  ],
  [
    /^memory_\d+$/,
    'View and change the files of a memory folder.',
    {
      command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
      path: text,
      file_text: text,
      old_str: text,
      new_str: text,
      insert_line: number,
      insert_text: text,
      old_path: text,
      new_path: text,
      view_range: { type: 'array', items: number },
    },
    ['command'],
  ],
];

/** The tools of a request. */
export function toolsOf(tools: unknown, path: string, losses: Losses): Tool[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool: unknown, index) => toolOf(tool, `${path}[${index}]`, losses) ?? []);
}

/** One tool; undefined for what cannot be one. */
export function toolOf(tool: unknown, path: string, losses: Losses): Tool | undefined {
  if (!isRecord(tool) || typeof tool['name'] !== 'string') return undefined;
  const { name, type, description, strict } = tool;
  const isCacheMark = isRecord(tool['cache_control']);
  if (Array.isArray(tool['input_examples']) && tool['input_examples'].length > 0) {
    losses.add('dropped', `${path}.input_examples`);
  }
  if (typeof type !== 'string' || type === 'custom') {
    return {
      kind: 'function',
      name,
      description: typeof description === 'string' ? description : undefined,
      schema: isRecord(tool['input_schema']) ? tool['input_schema'] : { type: 'object' },
      isStrict: typeof strict === 'boolean' ? strict : undefined,
      isCacheMark,
      path,
    };
  }
  const own = clientTools.find(([pattern]) => pattern.test(type));
  if (own !== undefined) {
    const [, what, properties, required] = own;
    losses.add('changed', `${path}.${type}`);
    const schema = { type: 'object', properties, required };
    return { kind: 'function', name, description: what, schema, isStrict: undefined, isCacheMark, path };
  }
  if (/^(?:computer|browser)/.test(type)) losses.add('refused', `${path}.${type}`);
  return hosted(tool, name, type, path);
}

function hosted(tool: Fields, name: string, type: string, path: string): HostedTool {
  return {
    kind: 'hosted',
    service: type.startsWith('web_search') ? 'webSearch' : 'other',
    name,
    allowedDomains: textsOf(tool['allowed_domains']),
    blockedDomains: textsOf(tool['blocked_domains']),
    maxUses: typeof tool['max_uses'] === 'number' ? tool['max_uses'] : undefined,
    userLocation: isRecord(tool['user_location']) ? tool['user_location'] : undefined,
    path: `${path}.${type}`,
  };
}

function textsOf(list: unknown): readonly string[] | undefined {
  const texts = Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
  return texts.length === 0 ? undefined : texts;
}
