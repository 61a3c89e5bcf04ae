import { lookup } from 'node:dns';
import { SharedQuestions } from '../base/sharedQuestions.ts';
import { dnsCodes } from '../core/outcome/connectionReason.ts';
import type { AttemptResult } from '../core/outcome/outcome.ts';
import type { DataPath } from './dataPath.ts';

type ConnectionResult = Extract<AttemptResult, { kind: 'connection' }>;

/** Behaviour.md §2, row 2. */
const withinMs = 2000;

/**
 * Whether a host name could not be resolved because of this machine rather than the endpoint: none of the configured host
 * names can be resolved now. With only one name, a temporary failure of the resolver (`EAI_AGAIN`) counts as that.
 */
export async function isNameServiceDown(result: ConnectionResult, { network, states }: DataPath): Promise<boolean> {
  if (result.phase !== 'connect' || !dnsCodes.has(result.code)) return false;
  if (network.trouble?.way === 'names') return true;
  const direct = states.filter(({ way }) => way === 'names');
  const names = [...new Set(direct.map(({ config }) => new URL(config.baseUrl).hostname))];
  if (names.length < 2) return result.code === 'EAI_AGAIN';
  const found = await Promise.all(names.map(isFound));
  return !found.includes(true);
}

/** Lookups share a few threads with the file system and zlib: without a name service each takes seconds of one. */
const lookups = new SharedQuestions<string, boolean>();

function isFound(name: string): Promise<boolean> {
  const found = lookups.ask(name, () => new Promise((resolve) => lookup(name, (error) => resolve(error === null))));
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    void found.then((isThere) => {
      clearTimeout(timer);
      resolve(isThere);
    });
  });
}
