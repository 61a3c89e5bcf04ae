import type { AnswerScript } from './answerScript.ts';
import { anthropicErrorBody, type Route, type StatusAnswer } from './behaviour.ts';
import { responsesItemId } from './responsesWire.ts';
import { sealedAnswer } from './sealedAnswer.ts';
import { chatProblems } from './strict/chatCheck.ts';
import { type ChatVendor, chatRules } from './strict/chatVendors.ts';
import { messagesProblems } from './strict/messagesCheck.ts';
import { fault } from './strict/messagesFaults.ts';
import {
  chatPrefix,
  digestsOf,
  messagesPrefix,
  type Prefix,
  responsesPrefix,
  withoutLateInstructions,
} from './strict/prefix.ts';
import { PrefixLaw } from './strict/prefixLaw.ts';
import { firstOf, type Problem, problem, type Rule } from './strict/problem.ts';
import { recordsOf } from './strict/recordsOf.ts';
import { responsesProblems } from './strict/responsesCheck.ts';
import { inputItems } from './strict/responsesItems.ts';
import { digestOf } from './strict/seal.ts';
import { type Dropped, messagesSeals, responsesSeals, type SealReader, type SealVerdict } from './strict/sealCheck.ts';

/** Vendors whose APIs are simulated strictly. `bedrock`: Anthropic's models where turns must alternate. */
type StrictVendor = ChatVendor | 'anthropic' | 'bedrock';

/** How strictly an endpoint reads its requests. */
export interface StrictOptions {
  readonly vendor: StrictVendor;
  /** The routes that the endpoint has. Default: those of the vendor; of OpenAI-compatible ones, OpenAI alone has Responses. */
  readonly routes?: readonly Route[];
  /** Reasoning is bound to its prefix whatever the model. Default: by the model's name. */
  readonly bindsPrefix?: boolean;
  /** A conversation that was changed is refused, even where the vendor would only drop reasoning or not notice. */
  readonly refusesPrefixChange?: boolean;
}

/**
 * Something wrong with a request. `refused`: the client was told. `dropped`: reasoning that the model does not get to see.
 * `changed`: the conversation is not what it was, which no vendor tells.
 */
export type Finding =
  | { readonly kind: 'refused'; readonly route: Route; readonly rule: Rule; readonly message: string }
  | ({ readonly kind: 'dropped'; readonly route: Route } & Dropped)
  | { readonly kind: 'changed'; readonly route: Route; readonly at: number };

type Fields = Readonly<Record<string, unknown>>;

/** The reading of a request: a refusal, or a way to seal the reasoning of its answer. */
export interface StrictReading {
  readonly refusal: StatusAnswer | undefined;
  readonly finish: (script: AnswerScript) => AnswerScript;
}

/** How many items are remembered. */
const maxItems = 10_000;

/** Without it nobody may say what becomes of reasoning that is out of its conversation, and nobody is told. */
const bindingBeta = 'thinking-binding-controls-2026-08-01';

/** Reads the requests to one endpoint as its vendor does, and remembers what was wrong with them. */
export class StrictRequests {
  /** In the order of the requests. */
  readonly findings: Finding[] = [];
  readonly #options: StrictOptions;
  readonly #reader: SealReader;
  readonly #law = new PrefixLaw();
  /** By the id of an item: the reasoning that it was made after. */
  readonly #reasonedFrom = new Map<string, string>();

  constructor(maker: string, options: StrictOptions) {
    const { bindsPrefix = false, refusesPrefixChange = false } = options;
    this.#options = options;
    this.#reader = { maker, bindsPrefix, refusesPrefixChange };
  }

  /** Reads a request. `betas`: its header of that name. */
  read(route: Route, fields: Fields, betas = ''): StrictReading {
    const { vendor, routes = routesOf(vendor) } = this.#options;
    if (!routes.includes(route)) return { refusal: { kind: 'status', status: 404 }, finish: (script) => script };
    const before = this.findings.length;
    const refused = this.#problem(route, fields, betas);
    if (refused !== undefined) {
      this.findings.push({ kind: 'refused', route, rule: refused.rule, message: refused.message });
      const refusal: StatusAnswer = { kind: 'status', status: refused.status ?? 400, body: tell(refused, vendor) };
      return { refusal, finish: (script) => script };
    }
    const dropped = this.findings.slice(before).filter((each) => each.kind === 'dropped');
    const told = dropped.map(({ path, reason }) => ({ type: 'thinking_dropped', path, reason }));
    const isTold = route === 'messages' && betas.includes(bindingBeta);
    const finish = (script: AnswerScript) => {
      const sealed = sealedAnswer(route, fields, script, this.#reader.maker);
      if (route === 'responses') this.#remember(sealed);
      return isTold ? { ...sealed, inputTransformations: told } : sealed;
    };
    return { refusal: undefined, finish };
  }

  #problem(route: Route, fields: Fields, betas: string): Problem | undefined {
    const binding = recordsOf([fields['thinking']])[0]?.['block_binding'];
    if (route === 'messages' && binding !== undefined && !betas.includes(bindingBeta)) {
      return fault('unknownKey', 'thinking.adaptive.block_binding', 'Extra inputs are not permitted');
    }
    const formal = formalProblem(route, fields, this.#options.vendor);
    if (formal !== undefined) return formal;
    const orphan = route === 'responses' ? this.#orphan(inputItems(fields['input'])) : undefined;
    if (orphan !== undefined) return orphan;
    const { refused, dropped } = sealVerdict(route, fields, this.#reader);
    if (refused !== undefined) return refused;
    this.findings.push(...dropped.map((each) => ({ kind: 'dropped' as const, route, ...each })));
    return this.#departure(route, fields);
  }

  #remember(script: AnswerScript): void {
    if (this.#reasonedFrom.size > maxItems) this.#reasonedFrom.clear();
    for (const [index, { kind }] of script.blocks.entries()) {
      if (kind !== 'thinking' || index === script.blocks.length - 1) continue;
      this.#reasonedFrom.set(responsesItemId(script, index + 1), responsesItemId(script, index));
    }
  }

  /** An item under its own id without the reasoning that it was made after. */
  #orphan(items: readonly Fields[]): Problem | undefined {
    const ids = new Set(items.map(({ id }) => id));
    for (const { id, type } of items) {
      const reasoning = this.#reasonedFrom.get(String(id));
      if (reasoning === undefined || ids.has(reasoning)) continue;
      const message = `Item '${id}' of type '${type}' was provided without its required 'reasoning' item: '${reasoning}'.`;
      return problem('reasoningOrder', message, 'input');
    }
    return undefined;
  }

  #departure(route: Route, fields: Fields): Problem | undefined {
    const prefix = prefixOf(route, fields);
    if (prefix === undefined) return undefined;
    const digests = digestsOf(withoutLateInstructions(prefix));
    const at = this.#law.departure(conversationOf(fields, prefix), digests);
    if (at === undefined) return undefined;
    if (!this.#reader.refusesPrefixChange) {
      this.findings.push({ kind: 'changed', route, at });
      return undefined;
    }
    const message = `The conversation is not what it was before, from its piece ${at} on.`;
    return { rule: 'prefix', message, param: null, code: 'prefix_changed' };
  }
}

function routesOf(vendor: StrictVendor): readonly Route[] {
  if (vendor === 'anthropic' || vendor === 'bedrock') return ['messages', 'countTokens', 'models'];
  const chat: readonly Route[] = ['chat', 'models'];
  return vendor === 'openai' ? [...chat, 'responses', 'inputTokens', 'embeddings'] : chat;
}

function formalProblem(route: Route, fields: Fields, vendor: StrictVendor): Problem | undefined {
  switch (route) {
    case 'messages':
    case 'countTokens':
      return firstOf(messagesProblems(fields, route === 'countTokens', vendor === 'bedrock'));
    case 'chat':
      return firstOf(chatProblems(fields, isChatVendor(vendor) ? vendor : 'generic'));
    case 'responses':
    case 'inputTokens':
      return firstOf(responsesProblems(fields, route === 'inputTokens'));
    default:
      return undefined;
  }
}

function sealVerdict(route: Route, fields: Fields, reader: SealReader): SealVerdict {
  if (route === 'messages') return messagesSeals(fields, reader);
  if (route === 'responses' || route === 'inputTokens') return responsesSeals(fields, reader);
  return { refused: undefined, dropped: [] };
}

function prefixOf(route: Route, fields: Fields): Prefix | undefined {
  if (route === 'messages') return messagesPrefix(fields);
  if (route === 'responses') return responsesPrefix(fields);
  return route === 'chat' ? chatPrefix(fields) : undefined;
}

/** A conversation is known by its model, its session's key where there is one, and its first words of the user. */
function conversationOf(fields: Fields, prefix: Prefix): string {
  const metadata = recordsOf([fields['metadata']])[0];
  return digestOf([fields['model'], fields['prompt_cache_key'], metadata?.['user_id'], prefix.opening]);
}

function tell(refused: Problem, vendor: StrictVendor): object {
  if (isChatVendor(vendor)) return chatRules[vendor].tell(refused);
  return anthropicErrorBody('invalid_request_error', refused.message);
}

function isChatVendor(vendor: StrictVendor): vendor is ChatVendor {
  return vendor !== 'anthropic' && vendor !== 'bedrock';
}
