import type { Filter, Range } from '../contract/dashboard.ts';
import type { SpanName } from '../contract/dashboardTexts.ts';
import type { TableModel } from './tables/tableModels.ts';

/** The state that the page keeps while hidden and across window reloads. */
export interface PageState {
  readonly range: Range;
  /** The ranges that were zoomed into, the outermost first. */
  readonly outer: readonly Range[];
  readonly filter: Filter;
  readonly table: TableModel['id'];
  readonly scrollTop: number;
}

export const spanNames: readonly SpanName[] = ['hour', 'sixHours', 'day', 'week', 'month', 'quarter', 'year'];
const tables: readonly TableModel['id'][] = ['endpoints', 'models', 'sessions', 'days'];
const most = 20;
/** The shortest range that can be zoomed into. */
const minimumSpanMs = 1000;

export const firstState: PageState = {
  range: { kind: 'last', span: 'hour' },
  outer: [],
  filter: {},
  table: 'endpoints',
  scrollTop: 0,
};

/** A remembered state, as far as it still makes sense: an older version may have written it. */
export function restoredState(value: unknown): PageState {
  const kept = fieldsOf(value);
  const range = rangeOf(kept['range']);
  if (range === undefined) return firstState;
  const outer = Array.isArray(kept['outer']) ? kept['outer'].flatMap((one) => rangeOf(one) ?? []) : [];
  const { endpoint, model, session } = fieldsOf(kept['filter']);
  const table = tables.find((one) => one === kept['table']) ?? 'endpoints';
  const scrollTop = kept['scrollTop'];
  return {
    range,
    outer: outer.slice(-most),
    filter: filterWith({}, { endpoint, model, session }),
    table,
    scrollTop: typeof scrollTop === 'number' && scrollTop >= 0 ? scrollTop : 0,
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function rangeOf(value: unknown): Range | undefined {
  const { kind, span, fromMs, toMs } = fieldsOf(value);
  const name = spanNames.find((one) => one === span);
  if (kind === 'last' && name !== undefined) return { kind: 'last', span: name };
  const isRange = typeof fromMs === 'number' && typeof toMs === 'number' && fromMs < toMs;
  return kind === 'between' && isRange ? { kind: 'between', fromMs, toMs } : undefined;
}

/** The filter with some of it set, or cleared by `undefined`. */
export function filterWith(filter: Filter, change: Readonly<Record<string, unknown>>): Filter {
  const fields = Object.entries({ ...filter, ...change });
  return Object.fromEntries(fields.filter(([, value]) => typeof value === 'string')) as Filter;
}

/** A narrower range; the one before can be gone back to. The same state where there is nothing more to see. */
export function zoomedIn(state: PageState, fromMs: number, toMs: number): PageState {
  if (toMs - fromMs < minimumSpanMs) return state;
  const range: Range = { kind: 'between', fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) };
  return { ...state, range, outer: [...state.outer, state.range].slice(-most) };
}

/** Back to the range before the last zoom; the same state when there is none. */
export function zoomedOut(state: PageState): PageState {
  const range = state.outer.at(-1);
  return range === undefined ? state : { ...state, range, outer: state.outer.slice(0, -1) };
}

/** One of the offered spans, which ends every zoom. */
export function spanChosen(state: PageState, span: SpanName): PageState {
  return { ...state, range: { kind: 'last', span }, outer: [] };
}

export function hasFilter({ endpoint, model, session }: Filter): boolean {
  return endpoint !== undefined || model !== undefined || session !== undefined;
}
