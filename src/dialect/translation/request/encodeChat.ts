import { originalId } from '../form/callIds.ts';
import type {
  Conversation,
  HostedTool,
  ThinkingPart,
  Tool,
  ToolResultPart,
  ToolUsePart,
  Turn,
} from '../form/conversation.ts';
import { Losses } from '../form/loss.ts';
import type { Encoded, Target } from '../form/target.ts';
import type { ToolNames } from '../form/toolNames.ts';
import { chatOptions } from './chatOptions.ts';
import { allTools, dataUrl, errorMark, joinedText, namesOf, parametersOf, reminder } from './encodeParts.ts';

type Fields = Record<string, unknown>;

/** Writes a conversation as a request of Chat Completions, from scratch: nothing is copied through (translation.md 1.1). */
export function encodeChat(conversation: Conversation, target: Target): Encoded {
  return new ChatEncoder(conversation, target).encode();
}

class ChatEncoder {
  readonly #conversation: Conversation;
  readonly #target: Target;
  readonly #losses = new Losses();
  readonly #names: ToolNames;
  readonly #tools: readonly Tool[];

  constructor(conversation: Conversation, target: Target) {
    this.#conversation = conversation;
    this.#target = target;
    this.#losses.addAll(conversation.losses);
    this.#tools = allTools(conversation);
    this.#names = namesOf(this.#tools, conversation);
  }

  encode(): Encoded {
    const { heavy, isStream } = this.#conversation;
    const { profile, model } = this.#target;
    const functions = this.#functions();
    const { options, turns } = this.#conversation;
    const later = turns.findLast(({ effort }) => effort !== undefined);
    if (later !== undefined) this.#losses.add('changed', `${later.path}.output_config`);
    const given = later === undefined ? options : { ...options, effort: later.effort };
    const { fields, stopSequences } = chatOptions(given, this.#target, this.#losses, {
      hasTools: functions.length > 0,
      toolName: (name) => this.#names.sent(name),
    });
    const body: Fields = {
      model,
      messages: [...this.#system(), ...this.#conversation.turns.flatMap((turn) => this.#turn(turn))],
      ...(functions.length > 0 ? { tools: functions } : {}),
      ...fields,
      ...(isStream
        ? { stream: true, ...(profile.includeUsage ? { stream_options: { include_usage: true } } : {}) }
        : {}),
    };
    for (const name of this.#target.refusedFields) delete body[name];
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

  #system(): Fields[] {
    const { system } = this.#conversation;
    if (system.length === 0) return [];
    const { systemRole: role, cacheMarks } = this.#target.profile;
    const isMarked = cacheMarks !== 'none' && system.some(({ isCacheMark }) => isCacheMark);
    return [{ role, content: isMarked ? system.map((part) => this.#textPart(part)) : joinedText(system) }];
  }

  #turn(turn: Turn): Fields[] {
    switch (turn.role) {
      case 'system':
        return this.#instruction(turn);
      case 'assistant':
        return this.#assistant(turn);
      case 'user':
        return this.#user(turn);
      default:
        return turn.role satisfies never;
    }
  }

  #instruction(turn: Turn): Fields[] {
    const text = joinedText(turn.parts);
    if (text === '') return [];
    const { midSystem, systemRole } = this.#target.profile;
    if (midSystem) return [{ role: systemRole, content: text }];
    this.#losses.add('changed', turn.path);
    return [{ role: 'user', content: reminder(text) }];
  }

  #assistant({ parts }: Turn): Fields[] {
    const calls = parts.filter((part) => part.kind === 'toolUse');
    const text = joinedText(parts);
    const reasoning = this.#reasoning(
      parts.filter((part) => part.kind === 'thinking'),
      calls.length > 0,
    );
    if (text === '' && calls.length === 0 && Object.keys(reasoning).length === 0) return [];
    return [
      {
        role: 'assistant',
        content: text === '' ? (calls.length > 0 ? null : '') : text,
        ...reasoning,
        ...(calls.length > 0 ? { tool_calls: calls.map((call) => this.#call(call)) } : {}),
      },
    ];
  }

  #call({ id, name, input }: ToolUsePart): Fields {
    return { id: originalId(id), type: 'function', function: { name: this.#names.sent(name), arguments: input } };
  }

  /** Reasoning goes back to the endpoint that made it, in its own field; that of others is left out. */
  #reasoning(parts: readonly ThinkingPart[], hasCalls: boolean): Fields {
    const { profile, origin, carriesReasoning } = this.#target;
    const { reasoningBack } = profile;
    const takes = reasoningBack === 'content' || reasoningBack === 'requiredContent' || reasoningBack === 'details';
    const own = parts.filter(({ carrier }) => takes && carriesReasoning && carrier?.origin === origin);
    for (const part of parts) if (!own.includes(part)) this.#losses.add('dropped', part.path);
    if (reasoningBack === 'details') {
      const details = own.flatMap(({ carrier }) =>
        carrier?.payload.kind === 'details' ? carrier.payload.details : [],
      );
      return details.length > 0 ? { reasoning_details: details } : {};
    }
    const text = own.map((part) => part.text).join('');
    if (text !== '') return { reasoning_content: text };
    // The key must be there on turns with calls, if only empty: without it the endpoint answers 400.
    return reasoningBack === 'requiredContent' && hasCalls ? { reasoning_content: '' } : {};
  }

  #user(turn: Turn): Fields[] {
    const results = turn.parts.filter((part) => part.kind === 'toolResult');
    const media: Fields[] = [];
    const messages = results.map((result) => this.#result(result, media));
    const content = [...media, ...turn.parts.flatMap((part) => this.#userPart(part))];
    if (content.length === 0) return messages;
    const isText = content.every(({ type }) => type === 'text');
    const isMarked = content.some((part) => Object.keys(part).length > 2);
    const joined = content.map(({ text }) => String(text)).join('\n\n');
    return [...messages, { role: 'user', content: isText && !isMarked ? joined : content }];
  }

  /** A result is text alone; its media stand in the user's message behind all results, each after the name of its call. */
  #result({ id, isError, parts, path }: ToolResultPart, media: Fields[]): Fields {
    const texts = [joinedText(parts)].filter((text) => text !== '');
    if (isError) {
      texts.unshift(errorMark);
      this.#losses.add('changed', `${path}.is_error`);
    }
    const callId = originalId(id);
    let nth = 0;
    for (const part of parts) {
      if (part.kind === 'text') continue;
      const inner = this.#userPart(part);
      if (inner.length === 0) continue;
      nth += 1;
      const name = `[${part.kind} ${nth} of call ${callId}`;
      texts.push(`${name} follows]`);
      media.push({ type: 'text', text: `${name}]` }, ...inner);
      this.#losses.add('changed', part.path);
    }
    return { role: 'tool', tool_call_id: callId, content: texts.join('\n') };
  }

  #userPart(part: Turn['parts'][number]): Fields[] {
    const { profile } = this.#target;
    switch (part.kind) {
      case 'text':
        return [this.#textPart(part)];
      case 'serverTool':
        return [{ type: 'text', text: part.text }];
      case 'image':
        if (!profile.images) this.#losses.add('refused', `images (${part.path})`);
        return [{ type: 'image_url', image_url: { url: dataUrl(part.source) } }];
      case 'document': {
        if (!profile.documents || part.source.kind === 'url') this.#losses.add('refused', `documents (${part.path})`);
        const filename = part.title ?? 'document.pdf';
        return [{ type: 'file', file: { filename, file_data: dataUrl(part.source) } }];
      }
      case 'toolResult':
      case 'toolUse':
      case 'thinking':
        return [];
      default:
        return part satisfies never;
    }
  }

  #textPart({ text, isCacheMark }: { readonly text: string; readonly isCacheMark: boolean }): Fields {
    const isOpenRouter = isCacheMark && this.#target.profile.cacheMarks === 'cacheControl';
    return { type: 'text', text, ...(isOpenRouter ? { cache_control: { type: 'ephemeral' } } : {}) };
  }

  #functions(): Fields[] {
    const hosted = this.#tools.filter((tool): tool is HostedTool => tool.kind === 'hosted');
    const { toolChoice } = this.#conversation.options;
    for (const { name, path } of hosted) {
      const isNeeded =
        this.#tools.length === hosted.length || (toolChoice?.kind === 'tool' && toolChoice.name === name);
      this.#losses.add(isNeeded ? 'refused' : 'dropped', path);
    }
    const { jsonSchema } = this.#target.profile;
    return this.#tools.flatMap((tool): Fields[] => {
      if (tool.kind !== 'function') return [];
      const { name, description, isStrict } = tool;
      const fn = {
        name: this.#names.sent(name),
        ...(description === undefined ? {} : { description }),
        parameters: parametersOf(tool),
        ...(isStrict === true && jsonSchema === 'strict' ? { strict: true } : {}),
      };
      return [{ type: 'function', function: fn }];
    });
  }
}
