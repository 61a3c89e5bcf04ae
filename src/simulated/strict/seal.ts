import { createHash } from 'node:crypto';
import { isRecord } from '../../base/isRecord.ts';

/** The making of a piece of reasoning, as its seal tells it. */
export interface Sealed {
  /** The endpoint, by its name. */
  readonly maker: string;
  readonly model: string;
  /** A digest of everything that the model saw before. */
  readonly prefix: string;
  /** A digest of the reasoning itself: its text, or the id of its item. */
  readonly content: string;
}

/** Sixteen letters and digits that are the same for equal JSON values, whatever the order of their fields. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(value)))
    .digest('hex')
    .slice(0, 16);
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value ?? null;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]));
}

/** An opaque text that only `openSeal` understands, of the alphabet of base64. */
export function makeSeal({ maker, model, prefix, content }: Sealed): string {
  const said = [maker, model, prefix, content];
  return Buffer.from(JSON.stringify([...said, checkOf(said)])).toString('base64');
}

/** Opens a seal; undefined when no simulated endpoint made it, or when it was changed. */
export function openSeal(text: string): Sealed | undefined {
  let said: unknown;
  try {
    said = JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(said)) return undefined;
  const [maker, model, prefix, content, check]: unknown[] = said;
  const words = [maker, model, prefix, content];
  const [a, b, c, d] = words.map((word) => (typeof word === 'string' ? word : undefined));
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  const isOurs = check === checkOf(words) && Buffer.from(text, 'base64').toString('base64') === text;
  return isOurs ? { maker: a, model: b, prefix: c, content: d } : undefined;
}

function checkOf(said: readonly unknown[]): string {
  return digestOf(['simulated endpoint', ...said]);
}
