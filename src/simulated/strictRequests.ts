import { anthropicErrorBody, type Route, type StatusAnswer } from './behaviour.ts';
import { chatProblems } from './strict/chatCheck.ts';
import { recordsOf } from './strict/chatMessages.ts';
import { type ChatVendor, chatRules } from './strict/chatVendors.ts';
import { messagesProblems } from './strict/messagesCheck.ts';
import { chatPrefix, digestsOf, messagesPrefix, type Prefix, responsesPrefix } from './strict/prefix.ts';
import { PrefixLaw } from './strict/prefixLaw.ts';
import { firstOf, type Problem, type Rule } from './strict/problem.ts';
import { responsesProblems } from './strict/responsesCheck.ts';
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

type Fields = Record<string, unknown>;

/** Reads the requests to one endpoint as its vendor does, and remembers what was wrong with them. */
export class StrictRequests {
  /** In the order of the requests. */
  readonly findings: Finding[] = [];
  readonly #options: StrictOptions;
  readonly #reader: SealReader;
  readonly #law = new PrefixLaw();

  constructor(maker: string, options: StrictOptions) {
    const { bindsPrefix = false, refusesPrefixChange = false } = options;
    this.#options = options;
    this.#reader = { maker, bindsPrefix, refusesPrefixChange };
  }

  /** The vendor's refusal of a request, or nothing when it is taken. */
  refusal(route: Route, fields: Fields): StatusAnswer | undefined {
    const { vendor, routes = routesOf(vendor) } = this.#options;
    if (!routes.includes(route)) return { kind: 'status', status: 404 };
    const refused = this.#problem(route, fields);
    if (refused === undefined) return undefined;
    this.findings.push({ kind: 'refused', route, rule: refused.rule, message: refused.message });
    const { status = 400 } = refused;
    return { kind: 'status', status, body: tell(refused, vendor) };
  }

  #problem(route: Route, fields: Fields): Problem | undefined {
    const formal = formalProblem(route, fields, this.#options.vendor);
    if (formal !== undefined) return formal;
    const { refused, dropped } = sealVerdict(route, fields, this.#reader);
    if (refused !== undefined) return refused;
    this.findings.push(...dropped.map((each) => ({ kind: 'dropped' as const, route, ...each })));
    return this.#departure(route, fields);
  }

  #departure(route: Route, fields: Fields): Problem | undefined {
    const prefix = prefixOf(route, fields);
    if (prefix === undefined) return undefined;
    const at = this.#law.departure(conversationOf(fields, prefix), digestsOf(prefix));
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
