import type { Conversation, HostedTool, Part, ThinkingPart, Tool, ToolResultPart, Turn } from '../form/conversation.ts';
import { Losses } from '../form/loss.ts';
import type { Encoded, Target } from '../form/target.ts';
import type { ToolNames } from '../form/toolNames.ts';
import { allTools, dataUrl, errorMark, namesOf, parametersOf } from './encodeParts.ts';
import { responsesOptions } from './responsesOptions.ts';

type Fields = Record<string, unknown>;

/** OpenAI takes four marks of the prompt cache at most: the newest are kept. */
const mostMarks = 4;

/** Writes a conversation as a request of the Responses API, from scratch: nothing is copied through (translation.md 1.3). */
export function encodeResponses(conversation: Conversation, target: Target): Encoded {
  return new ResponsesEncoder(conversation, target).encode();
}

class ResponsesEncoder {
  readonly #conversation: Conversation;
  readonly #target: Target;
  readonly #losses = new Losses();
  readonly #names: ToolNames;
  readonly #tools: readonly Tool[];
  /** Later changes of tools and effort stand in their place, so that the prefix stays (GPT-6 and later). */
  readonly #hasUpdates: boolean;
  readonly #marks: Fields[] = [];

  constructor(conversation: Conversation, target: Target) {
    this.#conversation = conversation;
    this.#target = target;
    this.#losses.addAll(conversation.losses);
    this.#hasUpdates = target.profile.name === 'openai' && /^gpt-(?:[6-9]|\d{2,})(?!.*pro)/.test(target.model);
    this.#tools = allTools(conversation);
    this.#names = namesOf(this.#tools, conversation);
  }

  encode(): Encoded {
    const { heavy, isStream, options, turns } = this.#conversation;
    const { model, refusedFields } = this.#target;
    const tools = this.#hasUpdates ? this.#conversation.tools : this.#tools;
    const functions = tools.flatMap((tool) => this.#tool(tool, tools));
    const laterEffort = this.#hasUpdates ? undefined : turns.findLast(({ effort }) => effort !== undefined)?.effort;
    const given = laterEffort === undefined ? options : { ...options, effort: laterEffort };
    const hasTools = this.#tools.length > 0;
    const isWebSearch = (name: string): boolean =>
      this.#tools.some((tool) => tool.kind === 'hosted' && tool.service === 'webSearch' && tool.name === name);
    const { fields, stopSequences } = responsesOptions(given, this.#target, this.#losses, {
      hasTools,
      toolChoice: (name) =>
        isWebSearch(name) ? { type: 'web_search' } : { type: 'function', name: this.#names.sent(name) },
    });
    const input = [...this.#system(), ...turns.flatMap((turn) => this.#turn(turn))];
    for (const part of this.#marks.slice(-mostMarks)) part['prompt_cache_breakpoint'] = { mode: 'explicit' };
    const body: Fields = {
      model,
      input,
      ...(functions.length > 0 ? { tools: functions } : {}),
      ...fields,
      ...this.#maxToolCalls(tools),
      // By default the vendor would keep the user's conversation.
      store: false,
      include: ['reasoning.encrypted_content'],
      ...(isStream ? { stream: true } : {}),
    };
    for (const name of refusedFields) delete body[name];
    const { refused } = this.#losses;
    if (refused !== undefined) return { kind: 'refused', path: refused };
    return {
      kind: 'encoded',
      body: heavy.lower(JSON.stringify(body)),
      losses: this.#losses.all,
      toolNames: this.#names,
      stopSequences,
    };
  }

  /** The first item, never `instructions`: those would stand behind the conversation, at the full price. */
  #system(): Fields[] {
    const { system } = this.#conversation;
    return system.length === 0
      ? []
      : [
          message(
            'developer',
            system.map((part) => this.#text(part)),
          ),
        ];
  }

  #turn(turn: Turn): Fields[] {
    switch (turn.role) {
      case 'system':
        return this.#instruction(turn);
      case 'assistant':
        return this.#assistant(turn.parts);
      case 'user':
        return this.#user(turn);
      default:
        return turn.role satisfies never;
    }
  }

  #instruction({ parts, effort, addedTools = [] }: Turn): Fields[] {
    const content = parts.flatMap((part) => this.#userPart(part));
    const items = content.length === 0 ? [] : [message('developer', content)];
    if (!this.#hasUpdates) return items;
    const tools = addedTools.flatMap((tool) => this.#tool(tool, this.#tools));
    if (tools.length > 0) items.push({ type: 'additional_tools', role: 'developer', tools });
    if (effort !== undefined) items.push({ type: 'configuration_update', reasoning: { effort } });
    return items;
  }

  #assistant(parts: readonly Part[]): Fields[] {
    let phase: string | undefined;
    return parts.flatMap((part, index): Fields[] => {
      switch (part.kind) {
        case 'text':
        case 'serverTool': {
          const said = { ...message('assistant', [{ type: 'output_text', text: part.text }]) };
          const phased = phase === undefined ? said : { ...said, phase };
          phase = undefined;
          return [phased];
        }
        case 'toolUse':
          return [
            { type: 'function_call', call_id: part.id, name: this.#names.sent(part.name), arguments: part.input },
          ];
        case 'thinking': {
          const items = this.#reasoning(part, parts[index + 1]);
          const { payload } = part.carrier ?? {};
          if (items.length > 0 && payload?.kind === 'item') phase = payload.phase;
          return items;
        }
        case 'image':
        case 'document':
        case 'toolResult':
          return [];
        default:
          return part satisfies never;
      }
    });
  }

  /** Only its maker and model may have it back, and never without the item that followed it. */
  #reasoning({ carrier, path }: ThinkingPart, follower: Part | undefined): Fields[] {
    const { origin, model, carriesReasoning } = this.#target;
    const isOwn = carriesReasoning && carrier?.origin === origin && carrier.model === model;
    const isFollowed = follower?.kind === 'text' || follower?.kind === 'toolUse' || follower?.kind === 'thinking';
    if (!isOwn || carrier.payload.kind !== 'item' || carrier.payload.encrypted === undefined || !isFollowed) {
      this.#losses.add('dropped', path);
      return [];
    }
    const { id, encrypted, summary } = carrier.payload;
    return [{ type: 'reasoning', id, summary, encrypted_content: encrypted }];
  }

  #user({ parts }: Turn): Fields[] {
    const results = parts.filter((part) => part.kind === 'toolResult').map((part) => this.#result(part));
    const content = parts.flatMap((part) => this.#userPart(part));
    return content.length === 0 ? results : [...results, message('user', content)];
  }

  #result({ id, isError, parts, path }: ToolResultPart): Fields {
    if (isError) this.#losses.add('changed', `${path}.is_error`);
    const marked = isError ? [{ type: 'input_text', text: errorMark }] : [];
    const output = [...marked, ...parts.flatMap((part) => this.#userPart(part))];
    const isText = output.every(({ type }) => type === 'input_text');
    const text = output.map((part) => String(part['text'])).join('\n');
    return { type: 'function_call_output', call_id: id, output: isText ? text : output };
  }

  #userPart(part: Part): Fields[] {
    const { profile } = this.#target;
    switch (part.kind) {
      case 'text':
        return [this.#text(part)];
      case 'serverTool':
        return [{ type: 'input_text', text: part.text }];
      case 'image':
        if (!profile.images) this.#losses.add('refused', `images (${part.path})`);
        return [this.#marked(part, { type: 'input_image', image_url: dataUrl(part.source), detail: 'auto' })];
      case 'document': {
        if (!profile.documents) this.#losses.add('refused', `documents (${part.path})`);
        if (part.source.kind === 'url') return [this.#marked(part, { type: 'input_file', file_url: part.source.url })];
        const filename = part.title ?? 'document.pdf';
        return [this.#marked(part, { type: 'input_file', filename, file_data: dataUrl(part.source) })];
      }
      case 'toolResult':
      case 'toolUse':
      case 'thinking':
        return [];
      default:
        return part satisfies never;
    }
  }

  #text(part: Part & { readonly kind: 'text' }): Fields {
    return this.#marked(part, { type: 'input_text', text: part.text });
  }

  /** Remembers a part that ends a prefix for the cache; parts of the assistant cannot be marked. */
  #marked({ isCacheMark }: Part, fields: Fields): Fields {
    const { profile, model } = this.#target;
    const takesMarks = profile.cacheMarks === 'breakpoint' && /^gpt-(?:5\.[6-9]|[6-9]|\d{2,})/.test(model);
    if (isCacheMark && takesMarks) this.#marks.push(fields);
    return fields;
  }

  #tool(tool: Tool, all: readonly Tool[]): Fields[] {
    if (tool.kind === 'hosted') return this.#hosted(tool, all);
    const { name, description, isStrict } = tool;
    return [
      {
        type: 'function',
        name: this.#names.sent(name),
        ...(description === undefined ? {} : { description }),
        parameters: parametersOf(tool),
        // The default of this API is true, which schemas of other APIs do not meet.
        strict: isStrict === true,
      },
    ];
  }

  #hosted({ service, name, path, allowedDomains, blockedDomains, userLocation }: HostedTool, all: readonly Tool[]) {
    const { toolChoice } = this.#conversation.options;
    const isNeeded =
      all.every(({ kind }) => kind === 'hosted') || (toolChoice?.kind === 'tool' && toolChoice.name === name);
    const { name: vendor } = this.#target.profile;
    if (service !== 'webSearch' || (vendor !== 'openai' && vendor !== 'azure')) {
      this.#losses.add(isNeeded ? 'refused' : 'dropped', path);
      return [];
    }
    if (blockedDomains !== undefined) this.#losses.add('refused', `${path}.blocked_domains`);
    return [
      {
        type: 'web_search',
        ...(allowedDomains === undefined ? {} : { filters: { allowed_domains: allowedDomains } }),
        ...(userLocation === undefined ? {} : { user_location: userLocation }),
      },
    ];
  }

  /** A limit of searches holds for all calls here, so it is said only where there are no others. */
  #maxToolCalls(tools: readonly Tool[]): Fields {
    const [only] = tools;
    const limited = tools.filter((tool) => tool.kind === 'hosted' && tool.maxUses !== undefined);
    if (tools.length === 1 && only?.kind === 'hosted' && only.maxUses !== undefined) {
      return { max_tool_calls: only.maxUses };
    }
    for (const { path } of limited) this.#losses.add('changed', `${path}.max_uses`);
    return {};
  }
}

function message(role: string, content: readonly Fields[]): Fields {
  return { type: 'message', role, content };
}
