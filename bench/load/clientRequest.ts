import { clientToken } from '../targets/simulatorMessages.ts';

/** `huge` is one long message of a client that tells nothing of its session. */
export type BodySize = 'small' | 'large' | 'huge';

export interface RequestShape {
  /** Of the target: the gateway refuses a Host that is not its own. */
  readonly port: number;
  readonly size: BodySize;
  readonly isStream: boolean;
  /** Requests of one session stay on one endpoint; each connection of the driver is a session of its own. */
  readonly session: number;
}

const bodyBytes = { small: 1024, large: 200 * 1024, huge: 1024 * 1024 };
const words =
  'signal train points track the gateway answers while another endpoint rests and its breaker is open ' +
  'const value = await read(path); if (value === undefined) return [] as tests pass again "quoted" text';
const vocabulary = words.split(' ');

/** One request of the CLI as it goes over the wire, head and body: the 18 headers that it sends and the transport's. */
export function clientRequest({ port, size, isStream, session }: RequestShape): Buffer {
  const sessionId = `00000000-0000-4000-8000-${String(session).padStart(12, '0')}`;
  const body = bodyOf(size, sessionId, isStream);
  const head = [
    'POST /v1/messages?beta=true HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'connection: keep-alive',
    'accept: application/json',
    'accept-encoding: gzip, deflate, br, zstd',
    'anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14',
    'anthropic-dangerous-direct-browser-access: true',
    'anthropic-version: 2023-06-01',
    `authorization: Bearer ${clientToken}`,
    'content-type: application/json',
    'user-agent: claude-cli/2.1.330 (external, sdk-cli)',
    'x-app: cli',
    ...(size === 'huge' ? [] : [`x-claude-code-session-id: ${sessionId}`]),
    'x-stainless-arch: x64',
    'x-stainless-lang: js',
    'x-stainless-os: Linux',
    'x-stainless-package-version: 0.90.0',
    'x-stainless-retry-count: 0',
    'x-stainless-runtime: node',
    'x-stainless-runtime-version: v24.3.0',
    `x-stainless-timeout: ${isStream ? 600 : 300}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function bodyOf(size: BodySize, sessionId: string, isStream: boolean): string {
  switch (size) {
    case 'small':
      return smallBody(sessionId, isStream);
    case 'large':
      return largeBody(sessionId, isStream);
    case 'huge':
      return hugeBody(isStream);
    default:
      return size satisfies never;
  }
}

/** No metadata, and a first message that is nearly all of the body: whatever is derived from its beginning is here. */
function hugeBody(isStream: boolean): string {
  const first = prose(1, 900 * 1024);
  const bodyWith = (text: string): string =>
    JSON.stringify({
      model: 'claude-sonnet-5',
      messages: [{ role: 'user', content: first + text }],
      max_tokens: 1024,
      stream: isStream,
    });
  return padded(bodyWith, bodyBytes.huge);
}

function smallBody(sessionId: string, isStream: boolean): string {
  const bodyWith = (text: string): string =>
    JSON.stringify({
      model: 'claude-sonnet-5',
      messages: [{ role: 'user', content: text }],
      metadata: metadata(sessionId),
      max_tokens: 1024,
      stream: isStream,
    });
  return padded(bodyWith, bodyBytes.small);
}

/** 60 messages of prose, code, tool calls and their results, 18 tools, a system prompt. */
function largeBody(sessionId: string, isStream: boolean): string {
  const bodyWith = (text: string): string =>
    JSON.stringify({
      model: 'claude-sonnet-5',
      messages: [
        ...Array.from({ length: 59 }, (_, index) => message(index)),
        { role: 'user', content: [{ type: 'text', text }] },
      ],
      system: [
        { type: 'text', text: prose(1, 2000) },
        { type: 'text', text: prose(2, 12_000), cache_control: { type: 'ephemeral' } },
      ],
      tools: Array.from({ length: 18 }, (_, index) => tool(index)),
      metadata: metadata(sessionId),
      max_tokens: 32_000,
      thinking: { type: 'adaptive' },
      stream: isStream,
    });
  return padded(bodyWith, bodyBytes.large);
}

function metadata(sessionId: string): object {
  return { user_id: JSON.stringify({ device_id: 'd'.repeat(64), account_uuid: '', session_id: sessionId }) };
}

function message(index: number): object {
  const id = `toolu_${Math.floor(index / 2)}`;
  if (index % 2 === 0) {
    const result = { type: 'tool_result', tool_use_id: id, content: prose(index, 3200) };
    return { role: 'user', content: [result, { type: 'text', text: prose(index, 150) }] };
  }
  const use = { type: 'tool_use', id, name: `Tool${index % 18}`, input: { path: `src/file${index}.ts`, limit: 200 } };
  return { role: 'assistant', content: [{ type: 'text', text: prose(index, 700) }, use] };
}

function tool(index: number): object {
  return {
    name: `Tool${index}`,
    description: prose(index, 2200),
    input_schema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: prose(index, 80) },
        limit: { type: 'number', description: prose(index + 1, 80) },
      },
      required: ['path'],
    },
  };
}

/** The same text every time, with line breaks and quotes as code has them. */
function prose(seed: number, length: number): string {
  let text = '';
  for (let index = seed; text.length < length; index++) {
    text += `${vocabulary[(index * 7 + seed) % vocabulary.length] ?? ''}${index % 11 === 0 ? '\n  ' : ' '}`;
  }
  return text.slice(0, length);
}

function padded(bodyWith: (text: string) => string, bytes: number): string {
  const bare = Buffer.byteLength(bodyWith(''));
  if (bare > bytes) throw new RangeError(`the body is ${bare} bytes without any padding`);
  return bodyWith('x'.repeat(bytes - bare));
}
