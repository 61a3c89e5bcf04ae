/** A vendor or a local server whose address is known. */
export interface Provider {
  readonly name: string;
  /** The base of its Anthropic API. */
  readonly anthropic?: string;
  /** The base of its OpenAI API. */
  readonly openai?: string;
}

/** Vendors with public addresses and local servers at their usual ports, those with both APIs in the middle. */
export const providers: readonly Provider[] = [
  { name: 'Anthropic', anthropic: 'https://api.anthropic.com' },
  { name: 'OpenRouter', anthropic: 'https://openrouter.ai/api', openai: 'https://openrouter.ai/api' },
  { name: 'DeepSeek', anthropic: 'https://api.deepseek.com/anthropic', openai: 'https://api.deepseek.com' },
  { name: 'Kimi (moonshot.cn)', anthropic: 'https://api.moonshot.cn/anthropic', openai: 'https://api.moonshot.cn' },
  { name: 'Kimi (moonshot.ai)', anthropic: 'https://api.moonshot.ai/anthropic', openai: 'https://api.moonshot.ai' },
  {
    name: 'GLM (bigmodel.cn)',
    anthropic: 'https://open.bigmodel.cn/api/anthropic',
    openai: 'https://open.bigmodel.cn/api/paas/v4',
  },
  { name: 'GLM (z.ai)', anthropic: 'https://api.z.ai/api/anthropic', openai: 'https://api.z.ai/api/paas/v4' },
  {
    name: 'MiniMax (minimaxi.com)',
    anthropic: 'https://api.minimaxi.com/anthropic',
    openai: 'https://api.minimaxi.com',
  },
  { name: 'MiniMax (minimax.io)', anthropic: 'https://api.minimax.io/anthropic', openai: 'https://api.minimax.io' },
  {
    name: 'Alibaba Model Studio',
    anthropic: 'https://dashscope.aliyuncs.com/apps/anthropic',
    openai: 'https://dashscope.aliyuncs.com/compatible-mode',
  },
  { name: 'SiliconFlow', anthropic: 'https://api.siliconflow.cn', openai: 'https://api.siliconflow.cn' },
  { name: 'Vercel AI Gateway', anthropic: 'https://ai-gateway.vercel.sh', openai: 'https://ai-gateway.vercel.sh' },
  { name: 'Ollama', anthropic: 'http://127.0.0.1:11434', openai: 'http://127.0.0.1:11434' },
  { name: 'LM Studio', anthropic: 'http://127.0.0.1:1234', openai: 'http://127.0.0.1:1234' },
  { name: 'LiteLLM', anthropic: 'http://127.0.0.1:4000', openai: 'http://127.0.0.1:4000' },
  { name: 'OpenAI', openai: 'https://api.openai.com' },
  { name: 'Google AI Studio', openai: 'https://generativelanguage.googleapis.com/v1beta/openai' },
  { name: 'Groq', openai: 'https://api.groq.com/openai' },
  { name: 'Mistral', openai: 'https://api.mistral.ai' },
  { name: 'xAI', openai: 'https://api.x.ai' },
];

/** The base of the Anthropic API of a known provider, by an address of its OpenAI API; undefined where none is known. */
export function nativeDoor(url: string): string | undefined {
  const host = URL.parse(url)?.host;
  return providers.find(({ openai }) => openai !== undefined && URL.parse(openai)?.host === host)?.anthropic;
}
