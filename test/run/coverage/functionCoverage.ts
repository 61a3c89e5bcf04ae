/** The part of V8's coverage of a script that is read here. */
export interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    /** The first is that of the whole function. */
    readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
  }[];
}

/** A place in a source file; lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** The sources of a script. */
export interface ScriptOrigin {
  readonly files: readonly string[];
  /** Where an offset of the script comes from, if from a source file. */
  readonly placeOf: (offset: number) => Place | undefined;
}

/** A function of a source file, and whether a process of the run has called it. */
export interface SourceFunction extends Place {
  /** Empty for one without a name. */
  readonly name: string;
  readonly isReached: boolean;
}

/** Members that V8 lists as functions and no source file writes as such. */
const madeByV8 = /^<(?:static_initializer|instance_members_initializer)>$/;

/** Adds up which functions were called, over processes that ran the sources as they are and others that ran a bundle. */
export class FunctionCoverage {
  readonly #functions = new Map<string, SourceFunction>();
  readonly #files = new Set<string>();

  /** Adds what one process has called of a script. */
  add(script: ScriptCoverage, { files, placeOf }: ScriptOrigin): void {
    for (const file of files) this.#files.add(file);
    for (const { functionName, ranges } of script.functions) {
      const [whole] = ranges;
      // The script itself counts as a function, too.
      if (whole === undefined || whole.startOffset === 0 || madeByV8.test(functionName)) continue;
      const place = placeOf(whole.startOffset);
      if (place !== undefined) this.#addOne(place, functionName, whole.count > 0);
    }
  }

  /** Every file that a process has loaded, also those without a function. */
  files(): ReadonlySet<string> {
    return this.#files;
  }

  /** Every function that a process has loaded, by file and line. */
  functions(): readonly SourceFunction[] {
    return [...this.#functions.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  }

  #addOne({ file, line }: Place, functionName: string, isCalled: boolean): void {
    // A bundler appends a number to a name that it has twice.
    const name = functionName.replace(/\d+$/, '');
    const key = `${file}:${line}:${name}`;
    const isReached = isCalled || this.#functions.get(key)?.isReached === true;
    this.#functions.set(key, { file, line, name, isReached });
  }
}
