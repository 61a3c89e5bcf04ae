import * as z from 'zod';
import { defaultPort } from '../../base/defaultPort.ts';
import { environmentReference } from '../../base/environmentReference.ts';
import { normaliseBaseUrl } from './baseUrl.ts';
import { type ConfigProblem, configExamples, configProblem, problemsOf } from './configProblems.ts';
import { profileSchema } from './configProfile.ts';
import type { BareProblem, Problem } from './problem.ts';
import { isProxyUrl } from './proxyUrl.ts';
import { ruleClasses } from './ruleClasses.ts';

/** The two wire formats; each endpoint speaks one of them. */
const dialects = ['anthropic', 'openai'] as const;
export type DialectName = (typeof dialects)[number];

/** The formats of the OpenAI dialect; each endpoint of it has one or both. */
const formats = ['chat', 'responses'] as const;
/** The format of a request that has an answer of a model: one of each dialect's. */
export type FormatName = 'messages' | (typeof formats)[number];

/** How requests are distributed over the candidates (behaviour.md §8). */
const strategies = ['priority', 'weighted', 'roundRobin', 'random', 'leastConnections', 'fastest'] as const;
export type Strategy = (typeof strategies)[number];

/** The message of a schema: the code of a problem. */
const says = (code: BareProblem): string => code;

const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Headers that the gateway sets itself or must not change. */
const ownHeaders =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|authorization|x-api-key|via)$/i;
const port = z.int().min(0).max(65_535);
const httpProxy = z.string().refine(isProxyUrl, says('notProxyUrl')).nullable();
/** Absolute on any system: the file may be written on another system than the gateway's. */
const fullPath = /^(?:\/|~\/|[A-Za-z]:[\\/]|\\\\)/;

const baseUrl = z.string().transform((text, context) => {
  const result = normaliseBaseUrl(text);
  if (result.kind === 'ok') return result.url;
  context.issues.push({ code: 'custom', message: result.problem, input: text });
  return z.NEVER;
});

const endpoint = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, says('badId')),
  name: z.string().trim().min(1).max(80).optional(),
  baseUrl,
  dialect: z.enum(dialects).default('anthropic'),
  /** `none` is for endpoints without a key, such as a model server on this machine. */
  auth: z.enum(['x-api-key', 'bearer', 'none']).optional(),
  /** A reference only: no file contains a key (security.md 9). */
  apiKey: z.string().regex(environmentReference, says('notKeyReference')).optional(),
  priority: z.int().min(1).max(100).default(1),
  weight: z.int().min(1).max(1000).default(100),
  enabled: z.boolean().default(true),
  maxConcurrent: z.int().min(1).nullable().default(null),
  models: z.array(z.string().min(1)).optional(),
  /** Dialects of other clients that it may answer by translation: nobody's prompts go to another vendor unasked. */
  alsoServes: z.array(z.enum(['anthropic'])).default([]),
  /** Absent: both. */
  formats: z.array(z.enum(formats)).optional(),
  profile: profileSchema.optional(),
  modelMap: z.record(z.string().min(1), z.string().min(1)).default({}),
  headers: z
    .record(
      z
        .string()
        .regex(headerName, says('notHeaderName'))
        .refine((name) => !ownHeaders.test(name), says('ownHeader')),
      z.string().regex(headerValue, says('notHeaderValue')),
    )
    .default({}),
  httpProxy: httpProxy.default(null),
});

const rule = z.strictObject({
  status: z.int().min(400).max(599).optional(),
  errorType: z.string().optional(),
  message: z.string().optional(),
  endpoint: z.string().optional(),
  class: z.enum(ruleClasses),
});

const dollars = z.number().min(0).max(1_000_000);

/** US dollars per million tokens; null removes the model's price. */
const price = z
  .strictObject({
    input: dollars,
    output: dollars,
    cacheRead: dollars.optional(),
    cacheWrite: dollars.optional(),
    cacheWrite1h: dollars.optional(),
  })
  .nullable();

const schema = z.strictObject({
  port: port.default(defaultPort),
  clientToken: z
    .union([z.null(), z.string().regex(environmentReference), z.string().min(16)], {
      error: says('badClientToken'),
    })
    .optional(),
  strategy: z.enum(strategies).default('priority'),
  endpoints: z.array(endpoint).default([]),
  retry: section({
    maxAttempts: z.int().min(1).max(5).default(3),
    preCommitSeconds: z.int().min(1).max(290).default(180),
  }),
  breaker: section({
    failureThreshold: z.int().min(1).max(100).default(3),
    openSeconds: z.int().min(1).max(3600).default(60),
    maxOpenSeconds: z.int().min(1).max(3600).default(300),
  }),
  affinity: section({
    enabled: z.boolean().default(true),
    ttlMinutes: z.int().min(1).max(10_080).default(300),
    goHomeAfterIdleSeconds: z.int().min(0).max(86_400).default(300),
  }),
  recovery: section({
    enabled: z.boolean().default(true),
    intervalSeconds: z.int().min(1).max(3600).default(60),
  }),
  warmup: section({ onStart: z.boolean().default(true) }),
  timeouts: section({
    connectMs: z.int().min(100).max(60_000).default(5000),
    firstByteMs: z.int().min(100).max(290_000).default(120_000),
    idleMs: z.int().min(100).max(290_000).default(240_000),
  }),
  limits: section({
    bodyBytes: z.int().min(1024).max(1_073_741_824).default(33_554_432),
    connectionsPerEndpoint: z.int().min(1).max(4096).default(256),
    keepAliveMs: z.int().min(1000).max(600_000).default(60_000),
  }),
  stream: section({
    // `auto` chose by client in earlier settings.
    breakStyle: z.preprocess(
      (value) => (value === 'auto' ? 'destroy' : value),
      z.enum(['destroy', 'event']).default('destroy'),
    ),
  }),
  translation: section({ carryReasoning: z.boolean().default(true) }),
  rules: z.array(rule).default([]),
  metrics: section({
    enabled: z.boolean().default(true),
    rawDays: z.int().min(1).max(90).default(14),
  }),
  /** By model name pattern; overrides the built-in table (core/record/prices.ts). */
  prices: z.record(z.string().min(1), price).default({}),
  allowedHosts: z.array(z.string().min(1)).default([]),
  httpProxy: httpProxy.default(null),
  /** Set by a window whose proxy comes from VS Code's own setting, so that messages can name the source. */
  httpProxyFrom: z.literal('http.proxy').optional(),
  /** Hosts reached without a proxy: `*`, names, `.domain`, addresses and ranges, each optionally with a port. */
  noProxy: z.array(z.string().min(1)).default([]),
  /** PEM files with certificate authorities to trust in addition to the machine's. */
  caCertificates: z.array(z.string().regex(fullPath, says('notFullPath'))).default([]),
  /** -1 = never stops by itself. */
  lingerSeconds: z.int().min(-1).max(604_800).default(1800),
});

function section<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape).prefault({} as z.input<z.ZodObject<T>>);
}

type ParsedEndpoint = z.output<typeof endpoint>;

/** A user rule: the first one whose conditions all match decides the class (behaviour.md §2, row 3). */
export type Rule = z.output<typeof rule>;

/** One endpoint with all defaults filled in. */
export interface EndpointConfig extends Omit<ParsedEndpoint, 'name' | 'auth'> {
  readonly name: string;
  readonly auth: 'x-api-key' | 'bearer' | 'none';
}

/** The checked configuration with all defaults; contains no key. Names are those of the settings (interface.md). */
export interface Config extends Omit<z.output<typeof schema>, 'endpoints'> {
  readonly endpoints: readonly EndpointConfig[];
}

/** A usable configuration, or all its problems; `notes` list automatic corrections. */
export type ConfigResult =
  | { readonly kind: 'ok'; readonly config: Config; readonly notes: readonly string[] }
  | { readonly kind: 'bad'; readonly problems: readonly ConfigProblem[] };

/** Checks a configuration from a file, a window or a test. Never throws; reports all problems, not only the first. */
export function parseConfig(input: unknown): ConfigResult {
  const parsed = schema.safeParse(input, { reportInput: true });
  const repeated = repeatedIds(input);
  if (!parsed.success) return { kind: 'bad', problems: [...problemsOf(parsed.error.issues, schema), ...repeated] };
  const endpoints = parsed.data.endpoints.map(completeEndpoint);
  const config: Config = { ...parsed.data, endpoints };
  const problems = [...repeated, ...crossChecks(config)];
  if (problems.length > 0) return { kind: 'bad', problems };
  return { kind: 'ok', config, notes: notesOn(input, config) };
}

function completeEndpoint(parsed: ParsedEndpoint): EndpointConfig {
  return {
    ...parsed,
    name: parsed.name ?? parsed.id,
    headers: Object.fromEntries(Object.entries(parsed.headers).map(([name, value]) => [name.toLowerCase(), value])),
    auth: parsed.auth ?? (parsed.dialect === 'anthropic' ? 'x-api-key' : 'bearer'),
  };
}

/** Duplicate ids; searched in the raw input, so that they are reported together with all other problems. */
function repeatedIds(input: unknown): ConfigProblem[] {
  const given = (input as { endpoints?: unknown } | null | undefined)?.endpoints;
  const firstPlace = new Map<string, number>();
  return (Array.isArray(given) ? given : []).flatMap((one: { id?: unknown } | null | undefined, index) => {
    const id = one?.id;
    const earlier = typeof id === 'string' ? firstPlace.get(id) : undefined;
    if (typeof id === 'string') firstPlace.set(id, earlier ?? index);
    if (earlier === undefined) return [];
    const why: Problem = { code: 'repeatedId', id: String(id), place: `endpoints[${earlier}]` };
    return [configProblem(`endpoints[${index}].id`, why, `"id": "${id}-2"`)];
  });
}

const ownDialect: Problem = { code: 'ownDialect' };
const openaiOnly: Problem = { code: 'openaiOnly' };

function crossChecks(config: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  config.endpoints.forEach((one, index) => {
    if (one.dialect === 'anthropic') {
      if (one.alsoServes.length > 0)
        problems.push(configProblem(`endpoints[${index}].alsoServes`, ownDialect, undefined));
      if (one.formats !== undefined) problems.push(configProblem(`endpoints[${index}].formats`, openaiOnly, undefined));
    }
    if (pointsAtUs(one.baseUrl, config.port)) {
      const why: Problem = { code: 'pointsAtUs', port: config.port };
      problems.push(configProblem(`endpoints[${index}].baseUrl`, why, configExamples['baseUrl']));
    }
  });
  if (config.breaker.maxOpenSeconds < config.breaker.openSeconds) {
    const why: Problem = { code: 'belowOpenSeconds', limit: config.breaker.openSeconds };
    problems.push(configProblem('breaker.maxOpenSeconds', why, '"maxOpenSeconds": 300'));
  }
  return problems;
}

/** Whether a URL points to a loopback port of this machine. */
export function pointsAtUs(url: string, ourPort: number): boolean {
  const { hostname, port: urlPort, protocol } = new URL(url);
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0)$/.test(hostname);
  return isLoopback && Number(urlPort || (protocol === 'https:' ? 443 : 80)) === ourPort;
}

function notesOn(input: unknown, config: Config): string[] {
  const given = input as { endpoints?: { baseUrl?: string }[]; stream?: { breakStyle?: string } } | null | undefined;
  const notes = config.endpoints.flatMap((one, index) => {
    const result = normaliseBaseUrl(given?.endpoints?.[index]?.baseUrl ?? one.baseUrl);
    if (result.kind !== 'ok' || result.stripped === undefined) return [];
    return [`endpoints[${index}].baseUrl: "${result.stripped}" is not needed; using ${result.url}`];
  });
  if (given?.stream?.breakStyle === 'auto') notes.push('stream.breakStyle: "auto" no longer exists; using "destroy"');
  return notes;
}
