import { getNodeValue, type Node, parseTree } from 'jsonc-parser';
import type { SettingsProblem } from '../gatewayStatus.ts';

/** The place of a problem in the text of a settings.json. */
export interface ProblemPlace {
  readonly offset: number;
  readonly length: number;
  /** The value of the whole setting there: more than one file may have the setting. */
  readonly value: unknown;
}

/** The setting that a problem belongs to: `signalbox.endpoints` for `endpoints[1].baseUrl`. */
export function settingOf(path: string): string {
  // VS Code's own proxy.
  if (path.startsWith('http.')) return path;
  return `signalbox.${/^(?:prices(?=\.)|[^[]+)/.exec(path)?.[0] ?? path}`;
}

/**
 * Finds a problem by its path, such as `endpoints[1].baseUrl`, in a text that may have comments and mistakes: at the value,
 * or at the name where that is wrong, or at the innermost value around it. Undefined if the text lacks the setting.
 */
export function problemPlace(
  text: string,
  { path, why }: Pick<SettingsProblem, 'path' | 'why'>,
): ProblemPlace | undefined {
  const isName = why?.code === 'unknownName' || why?.code === 'misspelt';
  const root = parseTree(text, [], { allowTrailingComma: true });
  const setting = settingOf(path);
  const whole = childNamed(root, setting);
  if (whole?.value === undefined) return undefined;
  const value = getNodeValue(whole.value) as unknown;
  let found: Member = whole;
  let rest = path.startsWith('http.') ? '' : `signalbox.${path}`.slice(setting.length);
  while (rest !== '') {
    const next = step(found.value, rest);
    // A mistake inside is marked by the name or the first sign of what it is in: all of it may be long.
    if (next === undefined) return { ...start(found), value };
    found = next.member;
    rest = next.rest;
  }
  const node = (isName ? found.name : undefined) ?? found.value ?? found.name;
  return node === undefined ? undefined : { offset: node.offset, length: node.length, value };
}

interface Member {
  /** Absent for elements of an array. */
  readonly name?: Node | undefined;
  readonly value: Node | undefined;
}

function step(node: Node | undefined, rest: string): { readonly member: Member; readonly rest: string } | undefined {
  const [index, number] = /^\[(\d+)\]/.exec(rest) ?? [];
  if (index !== undefined) {
    const value = node?.type === 'array' ? node.children?.[Number(number)] : undefined;
    return value === undefined ? undefined : { member: { value }, rest: rest.slice(index.length) };
  }
  const name = rest.replace(/^\./, '');
  // A name may have dots in it: the longest one that fits is meant.
  const [longest] = membersOf(node)
    .map((member) => ({ member, rest: afterName(name, String(member.name?.value)) }))
    .filter((one): one is { member: Member; rest: string } => one.rest !== undefined)
    .sort((a, b) => a.rest.length - b.rest.length);
  return longest;
}

function afterName(text: string, name: string): string | undefined {
  const rest = text.startsWith(name) ? text.slice(name.length) : undefined;
  return rest === '' || rest?.startsWith('.') === true || rest?.startsWith('[') === true ? rest : undefined;
}

/** Of several members with one name the last one counts, as for VS Code. */
function childNamed(node: Node | undefined, name: string): Member | undefined {
  return membersOf(node).findLast((one) => one.name?.value === name);
}

function membersOf(node: Node | undefined): Member[] {
  if (node?.type !== 'object') return [];
  return (node.children ?? []).map(({ children: [name, value] = [] }) => ({ name, value }));
}

function start({ name, value }: Member): { readonly offset: number; readonly length: number } {
  if (name !== undefined) return { offset: name.offset, length: name.length };
  return { offset: value?.offset ?? 0, length: 1 };
}
