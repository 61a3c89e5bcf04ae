import type { EndpointConfig } from '../../../core/config/config.ts';
import type { Profile } from './profile.ts';

/** For an endpoint of which nothing is known: text, images, tools, and the oldest names of fields. */
const generic: Profile = {
  name: 'generic',
  tokenLimitField: 'max_tokens',
  maxOutputTokens: undefined,
  reasoningIn: 'none',
  reasoningBack: 'none',
  images: true,
  documents: false,
  toolChoice: 'all',
  midSystem: false,
  systemRole: 'system',
  sampling: 'usual',
  stopLimit: 4,
  includeUsage: true,
  cacheMarks: 'none',
  cacheKey: false,
  jsonSchema: 'plain',
};

const openai: Profile = {
  ...generic,
  name: 'openai',
  tokenLimitField: 'max_completion_tokens',
  reasoningIn: 'effort',
  reasoningBack: 'item',
  documents: true,
  midSystem: true,
  systemRole: 'developer',
  cacheMarks: 'breakpoint',
  cacheKey: true,
  jsonSchema: 'strict',
};

/** By name, as of November 2026 (reference/translation.md 1.1 and 2.8). */
const profiles: Readonly<Record<string, Profile>> = {
  generic,
  openai,
  azure: { ...openai, name: 'azure', cacheMarks: 'none' },
  deepseek: {
    ...generic,
    name: 'deepseek',
    reasoningIn: 'deepseek',
    reasoningBack: 'requiredContent',
    images: false,
    stopLimit: 16,
    jsonSchema: 'none',
  },
  kimi: { ...generic, name: 'kimi', reasoningIn: 'thinkingType', reasoningBack: 'requiredContent', sampling: 'none' },
  glm: {
    ...generic,
    name: 'glm',
    reasoningIn: 'glm',
    reasoningBack: 'requiredContent',
    toolChoice: 'auto',
    stopLimit: 1,
    jsonSchema: 'none',
  },
  qwen: { ...generic, name: 'qwen', reasoningIn: 'enableThinking', reasoningBack: 'content', sampling: 'topK' },
  openrouter: {
    ...generic,
    name: 'openrouter',
    reasoningIn: 'openrouter',
    reasoningBack: 'details',
    documents: true,
    midSystem: true,
    sampling: 'topK',
    cacheMarks: 'cacheControl',
  },
  xai: { ...generic, name: 'xai', reasoningIn: 'effort', midSystem: true, jsonSchema: 'strict' },
  groq: { ...generic, name: 'groq', tokenLimitField: 'max_completion_tokens', midSystem: true },
  mistral: { ...generic, name: 'mistral', includeUsage: false },
  vllm: { ...generic, name: 'vllm', sampling: 'topK', reasoningBack: 'content', stopLimit: 16 },
  ollama: { ...generic, name: 'ollama', reasoningIn: 'effort', stopLimit: 16 },
  lmstudio: { ...generic, name: 'lmstudio', stopLimit: 16 },
  llamacpp: { ...generic, name: 'llamacpp', sampling: 'topK', stopLimit: 16 },
};

const hosts: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/(?:^|\.)openai\.com$/, 'openai'],
  [/\.azure\.com$/, 'azure'],
  [/(?:^|\.)deepseek\.com$/, 'deepseek'],
  [/(?:^|\.)(?:moonshot\.(?:cn|ai)|kimi\.com)$/, 'kimi'],
  [/(?:^|\.)(?:z\.ai|bigmodel\.cn)$/, 'glm'],
  [/(?:^|\.)(?:dashscope|dashscope-intl|dashscope-us)\.aliyuncs\.com$/, 'qwen'],
  [/(?:^|\.)openrouter\.ai$/, 'openrouter'],
  [/(?:^|\.)x\.ai$/, 'xai'],
  [/(?:^|\.)groq\.com$/, 'groq'],
  [/(?:^|\.)mistral\.ai$/, 'mistral'],
];

/** Local servers are known by the ports that they take by themselves. */
const localPorts: Readonly<Record<string, string>> = {
  11434: 'ollama',
  1234: 'lmstudio',
  8000: 'vllm',
  8080: 'llamacpp',
};
const local = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** The profile of an endpoint: by its name, else by its host, with the properties that its configuration sets. */
export function profileOf({ baseUrl, profile: given }: EndpointConfig): Profile {
  const { name, ...own } = given ?? {};
  const known = profiles[name ?? nameByUrl(new URL(baseUrl))] ?? generic;
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...known, ...set };
}

function nameByUrl({ hostname, port }: URL): string {
  if (local.test(hostname)) return localPorts[port] ?? 'generic';
  return hosts.find(([pattern]) => pattern.test(hostname))?.[1] ?? 'generic';
}
