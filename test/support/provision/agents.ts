import path from 'node:path';
import { executable, isMusl, provision } from './provision.ts';

const platform = `${process.platform}-${process.arch}`;

/** The binary of the Codex CLI, 424 MB with what belongs to it. It is built for all Linux systems alike. */
export async function codexCli(): Promise<string> {
  const folder = await provision(`@openai/codex@0.171.0-${platform}`);
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  const triple = { linux: 'unknown-linux-musl', darwin: 'apple-darwin', win32: 'pc-windows-msvc' }[
    process.platform as string
  ];
  return executable(path.join(folder, 'vendor', `${machine}-${triple}`, 'bin', exe('codex')));
}

/** The binary of opencode, 177 MB. */
export async function opencodeCli(): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = await provision(`opencode-${system}-${process.arch}${isMusl() ? '-musl' : ''}@1.18.33`);
  return executable(path.join(folder, 'bin', exe('opencode')));
}

/** The binary of the Cline CLI, 152 MB. */
export async function clineCli(): Promise<string> {
  const folder = await provision(
    `@cline/cli-${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}@3.0.65`,
  );
  return executable(path.join(folder, 'bin', exe('cline')));
}

/** The program of Qwen Code, for Node; 152 MB. */
export async function qwenCodeCli(): Promise<string> {
  return path.join(await provision('@qwen-code/qwen-code@0.24.4'), 'cli-entry.js');
}

/** The program of the Continue CLI, for Node; 81 MB. */
export async function continueCli(): Promise<string> {
  return path.join(await provision('@continuedev/cli@1.5.47'), 'dist/cn.js');
}

function exe(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}
