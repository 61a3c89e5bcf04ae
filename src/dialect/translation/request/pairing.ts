import { legalId, uniqueId } from '../form/callIds.ts';
import type { Part, TextPart, ToolResultPart, ToolUsePart, Turn } from '../form/conversation.ts';
import type { Losses } from '../form/loss.ts';

const missing = '[no result: interrupted]';

/**
 * Turns in which each call has one result, in the user's next turn and in the order of the calls: other formats refuse
 * anything else. A call whose result is missing gets a fixed one; a result without its call is text. Ids become legal and
 * unique. Each turn depends on those before it and the one after it alone.
 */
export function paired(turns: readonly Turn[], losses: Losses): Turn[] {
  const ids = new Set<string>();
  const made: Turn[] = [];
  let open:
    | { readonly calls: readonly ToolUsePart[]; readonly givenIds: readonly string[]; readonly after: Turn[] }
    | undefined;
  for (const turn of turns) {
    if (turn.role === 'system' && open !== undefined) {
      // Nothing may stand between calls and their results.
      open.after.push(turn);
      continue;
    }
    if (turn.role === 'user') {
      made.push(
        open === undefined
          ? { ...turn, parts: turn.parts.flatMap((part) => orphan(part, losses)) }
          : answered(open, turn, losses),
      );
      made.push(...(open?.after ?? []));
      open = undefined;
      continue;
    }
    if (open !== undefined && turn.role === 'assistant') {
      made.push(answered(open, { role: 'user', parts: [], path: turn.path }, losses), ...open.after);
      open = undefined;
    }
    const parts = turn.parts.map((part) =>
      part.kind === 'toolUse' ? { ...part, id: uniqueId(legalId(part.id), ids) } : part,
    );
    made.push({ ...turn, parts });
    const calls = parts.filter((part) => part.kind === 'toolUse');
    const givenIds = turn.parts.flatMap((part) => (part.kind === 'toolUse' ? [part.id] : []));
    if (calls.length > 0) open = { calls, givenIds, after: [] };
  }
  return made;
}

/** The user's turn after calls: their results first, in order, then all else. */
function answered(
  { calls, givenIds }: { readonly calls: readonly ToolUsePart[]; readonly givenIds: readonly string[] },
  turn: Turn,
  losses: Losses,
): Turn {
  const rest = [...turn.parts];
  const results = calls.map((call, index): ToolResultPart => {
    const at = rest.findIndex((part) => part.kind === 'toolResult' && part.id === givenIds[index]);
    const [found] = at === -1 ? [] : rest.splice(at, 1);
    if (found?.kind === 'toolResult') return { ...found, id: call.id };
    losses.add('changed', call.path);
    const parts: TextPart[] = [{ kind: 'text', text: missing, isCacheMark: false, path: call.path }];
    return { kind: 'toolResult', id: call.id, isError: false, parts, isCacheMark: false, path: call.path };
  });
  return { ...turn, parts: [...results, ...rest.flatMap((part) => orphan(part, losses))] };
}

/** A result whose call is not there, as what it says. */
function orphan(part: Part, losses: Losses): Part[] {
  if (part.kind !== 'toolResult') return [part];
  losses.add('changed', part.path);
  return [...part.parts];
}
