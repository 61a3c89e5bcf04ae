import { filled } from '../../base/filled.ts';
import type { FolderProblem } from '../../contract/launch.ts';

/** Each code in English, with its data in braces. */
const english: Readonly<Record<FolderProblem['code'], string>> = {
  notCreated: 'The state folder {path} cannot be created ({error}).',
  notWritten: 'The state folder {path} cannot be written ({error}).',
  notFolder: 'The state folder {path} is not a folder.',
  otherOwner: 'The state folder {path} belongs to another user.',
  writableByOthers: 'The state folder {path} can be written by others (run: chmod 700).',
  inUse: 'The state folder {path} is used by the gateway at port {port} (process {pid}): stop that one first.',
  noToken: '{path} contains no token; delete it, a new one will be created.',
};

/** The state folder cannot be used; the message says why and what to do on the command line. */
export class StateDirectoryError extends Error {
  override readonly name = 'StateDirectoryError';
  readonly problem: FolderProblem;

  constructor(problem: FolderProblem) {
    const data = problem as Readonly<Record<string, string>>;
    super(`${filled(english[problem.code], (name) => data[name])} Choose another folder with --state-dir.`);
    this.problem = problem;
  }
}
