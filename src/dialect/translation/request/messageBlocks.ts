import { isRecord } from '../../../base/isRecord.ts';
import { unsealed } from '../form/carrier.ts';
import type { DocumentPart, ImagePart, MediaSource, Part, TextPart, ToolResultPart } from '../form/conversation.ts';
import type { Losses } from '../form/loss.ts';

type Block = Readonly<Record<string, unknown>>;
interface Place {
  readonly path: string;
  readonly isCacheMark: boolean;
}

/** Blocks that change what is available, and say nothing themselves; and those whose result says it. */
const silent = new Set(['tool_addition', 'server_tool_use', 'mid_conv_system']);
/** A long result of a tool that the vendor ran: as much of it is kept. */
const longestResult = 20_000;

/** The parts of a message's content: a text, or a list of blocks. */
export function partsOf(content: unknown, path: string, losses: Losses): Part[] {
  if (typeof content === 'string') return textPart(content, { path, isCacheMark: false });
  if (!Array.isArray(content)) return [];
  return content.flatMap((block: unknown, index) => {
    const place = { path: `${path}[${index}]`, isCacheMark: isRecord(block) && isRecord(block['cache_control']) };
    return isRecord(block) ? partsOfBlock(block, place, losses) : [];
  });
}

function partsOfBlock(block: Block, place: Place, losses: Losses): Part[] {
  const type = String(block['type']);
  switch (type) {
    case 'text':
      return textPart(block['text'], place);
    case 'image':
      return imagePart(block, place, losses);
    case 'document':
      return documentParts(block, place, losses);
    case 'search_result':
      losses.add('changed', place.path);
      return textPart(searchText(block), place);
    case 'thinking':
      return [
        { kind: 'thinking', text: textOf(block['thinking']), carrier: unsealed(textOf(block['signature'])), ...place },
      ];
    case 'redacted_thinking':
      return [{ kind: 'thinking', text: '', carrier: unsealed(textOf(block['data'])), ...place }];
    case 'tool_use':
      return [
        {
          kind: 'toolUse',
          id: textOf(block['id']),
          name: textOf(block['name']),
          input: JSON.stringify(block['input'] ?? {}),
          ...place,
        },
      ];
    case 'tool_result':
      return [toolResult(block, place, losses)];
    case 'tool_reference':
      losses.add('changed', place.path);
      return textPart(`Tool ${textOf(block['tool_name']) || textOf(block['name'])} is available.`, place);
    case 'tool_removal':
      losses.add('changed', place.path);
      return [];
    default:
      if (silent.has(type)) return [];
      if (/^(?:web_search|web_fetch|[a-z_]*code_execution|tool_search\w*)_tool_result$/.test(type)) {
        losses.add('changed', place.path);
        return [{ kind: 'serverTool', text: resultText(block), ...place }];
      }
      losses.add('refused', `${type} (${place.path})`);
      return [];
  }
}

function textPart(text: unknown, place: Place): TextPart[] {
  return typeof text === 'string' && text !== '' ? [{ kind: 'text', text, ...place }] : [];
}

function imagePart({ source }: Block, place: Place, losses: Losses): ImagePart[] {
  const media = mediaOf(source);
  if (media !== undefined) return [{ kind: 'image', source: media, ...place }];
  losses.add('refused', `images by file id (${place.path})`);
  return [];
}

function mediaOf(source: unknown): MediaSource | undefined {
  if (!isRecord(source)) return undefined;
  if (source['type'] === 'url') return { kind: 'url', url: textOf(source['url']) };
  if (source['type'] !== 'base64') return undefined;
  return { kind: 'base64', mediaType: textOf(source['media_type']), data: textOf(source['data']) };
}

/** A document of text is text under its title; one of bytes stays one. */
function documentParts(block: Block, place: Place, losses: Losses): (DocumentPart | TextPart | ImagePart)[] {
  const { source } = block;
  const title = textOf(block['title']) || undefined;
  const media = mediaOf(source);
  if (media !== undefined) return [{ kind: 'document', title, source: media, ...place }];
  const kind = isRecord(source) ? source['type'] : undefined;
  if (!isRecord(source) || (kind !== 'text' && kind !== 'content')) {
    losses.add('refused', `documents by file id (${place.path})`);
    return [];
  }
  losses.add('changed', place.path);
  if (kind === 'text') return textPart(titled(title, textOf(source['data'])), place);
  const inner = partsOf(source['content'], `${place.path}.source.content`, losses);
  const parts = inner.filter((part) => part.kind === 'text' || part.kind === 'image');
  return [...(title === undefined ? [] : textPart(title, place)), ...parts];
}

function toolResult(block: Block, place: Place, losses: Losses): ToolResultPart {
  const parts = partsOf(block['content'], `${place.path}.content`, losses).filter(
    (part) => part.kind === 'text' || part.kind === 'image' || part.kind === 'document',
  );
  return { kind: 'toolResult', id: textOf(block['tool_use_id']), isError: block['is_error'] === true, parts, ...place };
}

function searchText(block: Block): string {
  const content = Array.isArray(block['content']) ? block['content'] : [];
  const texts = content.map((one: unknown) => (isRecord(one) ? textOf(one['text']) : ''));
  return [textOf(block['title']), textOf(block['source']), ...texts].filter((one) => one !== '').join('\n');
}

/** The pages that a search found, by title and address; of another tool what it gave. */
function resultText({ content }: Block): string {
  const found = (Array.isArray(content) ? content : []).flatMap((one: unknown) =>
    isRecord(one) && typeof one['url'] === 'string' ? [`${textOf(one['title'])} ${one['url']}`.trim()] : [],
  );
  return found.length > 0 ? found.join('\n') : JSON.stringify(content ?? null).slice(0, longestResult);
}

function titled(title: string | undefined, text: string): string {
  return title === undefined ? text : `${title}\n\n${text}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
