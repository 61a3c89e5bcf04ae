import type { Filter } from '../../contract/dashboard.ts';
import type { DashboardTexts } from '../../contract/dashboardTexts.ts';
import type { Metrics, MetricsSums, TokenSums } from '../../contract/metrics.ts';
import { type NameOf, sessionLabel } from '../charts/bandModels.ts';
import { failedAttempts, shareOf, successOf } from '../charts/chartModels.ts';
import { type Formats, nothing, type Unit } from '../elements/formats.ts';

export interface Cell {
  readonly text: string;
  /** The sort value of a row; rows without measurements come last. */
  readonly sort: number | string;
  /** 0 to 1, a bar behind the text: how it compares with the other rows. */
  readonly share?: number;
}

export interface Row {
  readonly id: string;
  readonly cells: readonly Cell[];
  /** The filter applied when this row is chosen; undefined if it has none. */
  readonly filter?: Filter;
}

interface Column {
  readonly label: string;
  readonly isNumber: boolean;
}

export interface TableModel {
  readonly id: 'endpoints' | 'models' | 'sessions' | 'days';
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** The order of rows: by which column, and whether downwards. */
export interface Sorting {
  readonly column: number;
  readonly isDescending: boolean;
}

/** The four tables, in their order. */
export function tableModels(metrics: Metrics, nameOf: NameOf, texts: DashboardTexts, formats: Formats): TableModel[] {
  const { tables } = texts;
  const cells = cellMaker(formats);
  const title = (text: string): Column => ({ label: text, isNumber: false });
  const numbers = (...labels: readonly string[]): Column[] => labels.map((label) => ({ label, isNumber: true }));
  const sums = [tables.requests, tables.success, tables.firstByte, tables.total, tables.failed, tables.reuse];
  const tokens = [tables.input, tables.cached, tables.output, tables.cost];
  return [
    {
      id: 'endpoints',
      title: tables.endpoints,
      columns: [title(tables.name), ...numbers(...sums, ...tokens)],
      rows: withShares(
        metrics.endpoints.map((one) => ({
          id: one.endpointId,
          cells: [
            cells.text(one.endpointId === '' ? tables.noEndpoint : nameOf(one.endpointId)),
            ...cells.sums(one),
            ...cells.tokens(one.tokens),
            cells.number(one.costUsd, 'usd'),
          ],
          filter: { endpoint: one.endpointId },
        })),
      ),
    },
    {
      id: 'models',
      title: tables.models,
      columns: [title(tables.name), ...numbers(...sums, ...tokens)],
      rows: withShares(
        metrics.models.map((one) => ({
          id: one.model,
          cells: [
            cells.text(one.model === '' ? tables.unknown : one.model),
            ...cells.sums(one),
            ...cells.tokens(one.tokens),
            one.hasPrice ? cells.number(one.costUsd, 'usd') : { text: tables.noPrice, sort: -1 },
          ],
          filter: { model: one.model },
        })),
      ),
    },
    {
      id: 'sessions',
      title: tables.sessions,
      columns: [title(tables.client), ...numbers(tables.requests, ...tokens, tables.lastUsed)],
      rows: withShares(
        metrics.sessions.map((one) => ({
          id: one.sessionId,
          cells: [
            cells.text(sessionLabel(one.client, one.sessionId, texts)),
            cells.number(one.requests, 'count'),
            ...cells.tokens(one.tokens),
            cells.number(one.costUsd, 'usd'),
            { text: formats.moment(one.lastMs), sort: one.lastMs },
          ],
          filter: { session: one.sessionId },
        })),
      ),
    },
    {
      id: 'days',
      title: tables.days,
      columns: [title(tables.day), ...numbers(tables.requests, ...tokens)],
      rows: withShares(
        metrics.days.toReversed().map((one) => ({
          id: one.day,
          cells: [
            { text: formats.day(one.day), sort: one.day },
            cells.number(one.requests, 'count'),
            ...cells.tokens(one.tokens),
            cells.number(one.costUsd, 'usd'),
          ],
        })),
      ),
    },
  ];
}

interface CellMaker {
  text(value: string): Cell;
  number(value: number | null, unit: Unit): Cell;
  sums(sums: MetricsSums): Cell[];
  tokens(tokens: TokenSums): Cell[];
}

function cellMaker(formats: Formats): CellMaker {
  const number = (value: number | null, unit: Unit): Cell => ({
    text: formats.value(value, unit),
    sort: value ?? -1,
  });
  return {
    text: (value) => ({ text: value, sort: value.toLowerCase() }),
    number,
    sums: (one) => [
      number(one.requests, 'count'),
      number(successOf(one.ends), 'share'),
      number(one.firstByteMs.p50, 'duration'),
      number(one.totalMs.p50, 'duration'),
      number(failedAttempts(one.failures), 'count'),
      number(shareOf(one.reusedConnections, one.knownConnections), 'share'),
    ],
    tokens: ({ input, output, cacheRead, cacheWrite }) => [
      number(input + cacheWrite, 'tokens'),
      number(cacheRead, 'tokens'),
      number(output, 'tokens'),
    ],
  };
}

/** A bar behind the number of requests, which is the second column everywhere. */
function withShares(rows: readonly Row[]): Row[] {
  const most = Math.max(1, ...rows.map(({ cells }) => Number(cells[1]?.sort ?? 0)));
  return rows.map((row) => ({
    ...row,
    cells: row.cells.map((cell, index) => (index === 1 ? { ...cell, share: Number(cell.sort) / most } : cell)),
  }));
}

/** The rows in the order of a column; those that are equal there stay in their order. */
export function sortedRows(rows: readonly Row[], sorting: Sorting | undefined): readonly Row[] {
  if (sorting === undefined) return rows;
  const { column, isDescending } = sorting;
  const keyOf = (row: Row): number | string => row.cells[column]?.sort ?? '';
  return rows.toSorted((a, b) => {
    const [left, right] = isDescending ? [keyOf(b), keyOf(a)] : [keyOf(a), keyOf(b)];
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return String(left).localeCompare(String(right));
  });
}

/** The sorting after a click on a column's head: numbers begin with the largest, a second click turns it round. */
export function nextSorting(before: Sorting | undefined, column: number, isNumber: boolean): Sorting {
  if (before?.column === column) return { column, isDescending: !before.isDescending };
  return { column, isDescending: isNumber };
}

/** Empty names get a visible text. */
export function cellText(cell: Cell | undefined): string {
  return cell?.text ?? nothing;
}
