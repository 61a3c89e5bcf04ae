import type { SourceFunction } from './functionCoverage.ts';

/** The coverage of one room. */
export interface RoomCoverage {
  readonly room: string;
  readonly functions: number;
  readonly reached: number;
  /** Files with code that no process has loaded. */
  readonly unloaded: readonly string[];
  readonly unreached: readonly SourceFunction[];
}

/** The functions reached by a run, and all functions. */
export interface CoverageInput {
  /** All files of `src/` that hold more than types. */
  readonly files: readonly string[];
  readonly functions: readonly SourceFunction[];
  readonly loaded: ReadonlySet<string>;
  readonly roomOf: (file: string) => string;
}

/** One entry a room, in alphabetical order. */
export function coverageByRoom({ files, functions, loaded, roomOf }: CoverageInput): readonly RoomCoverage[] {
  const functionsByRoom = Map.groupBy(functions, ({ file }) => roomOf(file));
  const filesByRoom = Map.groupBy(files, roomOf);
  return [...filesByRoom.keys()].sort().map((room) => {
    const own = functionsByRoom.get(room) ?? [];
    const unreached = own.filter(({ isReached }) => !isReached);
    const unloaded = (filesByRoom.get(room) ?? []).filter((file) => !loaded.has(file));
    return { room, functions: own.length, reached: own.length - unreached.length, unloaded, unreached };
  });
}

/** The table of rooms, one line each. */
export function coverageRows(rooms: readonly RoomCoverage[]): readonly (readonly string[])[] {
  const rows = rooms.map(({ room, functions, reached, unloaded }) => [
    room,
    `${functions}`,
    `${functions - reached}`,
    functions === 0 ? '-' : ((100 * reached) / functions).toFixed(1),
    `${unloaded.length}`,
  ]);
  return [['room', 'functions', 'not reached', 'reached %', 'files not loaded'], ...rows];
}

/** Every function and file that no test reaches, one line each. */
export function unreachedLines(rooms: readonly RoomCoverage[]): readonly string[] {
  return rooms.flatMap(({ unloaded, unreached }) => [
    ...unloaded.map((file) => `${file}: no test loads it`),
    ...unreached.map(({ file, line, name }) => `${file}:${line} ${name === '' ? '(without a name)' : name}`),
  ]);
}
