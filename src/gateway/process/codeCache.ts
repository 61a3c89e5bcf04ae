import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { defaultStateFolder } from '../../contract/stateFolder.ts';

/** In the state folder. */
const fileName = 'code.cache';
/** After less the process has not run the code that requests run. */
const leastRunMs = 5000;

/** The gateway's program and the file that a person has started, which stands for it. */
interface Program {
  readonly text: string;
  readonly build: string;
  readonly startedAs: string;
}

/**
 * Runs a gateway's program, a CommonJS module, from the code that V8 has compiled for an earlier process, where that is there:
 * compiling is half of a start. A process that has run without it leaves it behind at its end. The file holds as much power as
 * the tokens beside it, so it is used from a folder of this user alone; whatever is wrong with it, the text is compiled.
 */
export function runCached({ text, build, startedAs }: Program, load: NodeJS.Require): void {
  const path = join(stateFolder(process.argv), fileName);
  const cachedData = codeIn(path, build);
  const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  const script = new Script(source, { filename: startedAs, ...(cachedData === undefined ? {} : { cachedData }) });
  const isCompiled = cachedData !== undefined && script.cachedDataRejected === false;
  if (!isCompiled) process.once('exit', () => leave(path, build, script));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, load, module, startedAs, dirname(startedAs));
}

/** The value of `--state-dir`, or the folder without it. */
function stateFolder(args: readonly string[]): string {
  const flag = '--state-dir';
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  const given = args[at]?.slice(flag.length + 1) || args[at + 1];
  return at === -1 || given === undefined ? defaultStateFolder(process.env) : given;
}

/** The code that this build has left; undefined without it, and where another user could have written it. */
function codeIn(path: string, build: string): Buffer | undefined {
  try {
    if (!isOurs(dirname(path)) || !isOurs(path)) return undefined;
    const bytes = readFileSync(path);
    const end = bytes.indexOf('\n');
    const code = bytes.subarray(end + 1);
    return bytes.toString('latin1', 0, end) === headOf(build, code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** V8 checks its flags and the numbers of its version: not the text, nor the bytes, nor that Electron's V8 is another. */
function headOf(build: string, code: Buffer): string {
  return `${build} ${process.versions.v8} ${process.arch} ${crc32(code)}`;
}

function isOurs(path: string): boolean {
  const { uid, mode } = statSync(path);
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}

function leave(path: string, build: string, script: Script): void {
  if (performance.now() < leastRunMs) return;
  try {
    if (!isOurs(dirname(path))) return;
    const code = script.createCachedData();
    const next = `${path}.${process.pid}.tmp`;
    writeFileSync(next, Buffer.concat([Buffer.from(`${headOf(build, code)}\n`), code]), { mode: 0o600 });
    renameSync(next, path);
  } catch {
    // The next start compiles again.
  }
}
