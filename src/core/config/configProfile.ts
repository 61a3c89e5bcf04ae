import * as z from 'zod';

/** Vendors whose endpoints differ from others of their format, beside `generic` (translation.md, rule 11). */
const profileNames = [
  'openai',
  'azure',
  'deepseek',
  'kimi',
  'glm',
  'qwen',
  'openrouter',
  'xai',
  'groq',
  'mistral',
  'vllm',
  'ollama',
  'lmstudio',
  'llamacpp',
  'generic',
] as const;

/** A profile by its name, and the properties in which this endpoint differs from it. Absent: by the endpoint's host. */
export const profileSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z.strictObject({
    name: z.enum(profileNames).optional(),
    images: z.boolean().optional(),
    documents: z.boolean().optional(),
    maxOutputTokens: z.int().min(1).optional(),
    tokenLimitField: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
    toolChoice: z.enum(['all', 'auto']).optional(),
    midSystem: z.boolean().optional(),
    stopLimit: z.int().min(0).max(16).optional(),
    includeUsage: z.boolean().optional(),
    cacheKey: z.boolean().optional(),
    jsonSchema: z.enum(['strict', 'plain', 'none']).optional(),
  }),
);
