import type { FolderProblem } from '../../../contract/launch.ts';
import type { Translate } from '../viewContext.ts';

/** The reason why a state folder is unusable and the remedy, in the language of the interface. */
export function folderText(problem: FolderProblem, t: Translate): string {
  const { path } = problem;
  switch (problem.code) {
    case 'notCreated':
    case 'notWritten':
      return systemText(problem, t);
    case 'notFolder':
      return fileInTheWay(path, t);
    case 'otherOwner':
      return t(
        '{0} belongs to another user, who could read and change its content. Remove it, or take ownership of it.',
        path,
      );
    case 'writableByOthers':
      return t('{0} can be written by others. Run chmod 700 on it.', path);
    case 'inUse':
      return t(
        '{0} is used by the gateway at port {1} (process {2}). Stop that one first.',
        path,
        problem.port,
        problem.pid,
      );
    case 'noToken':
      return t('{0} contains no token. Delete the file; a new one will be created.', path);
    default:
      return problem satisfies never;
  }
}

/** The remedy depends on what the system says. */
function systemText({ code, path, error }: Extract<FolderProblem, { error: string }>, t: Translate): string {
  if (error === 'ENOSPC' || error === 'EDQUOT') {
    return t('{0} cannot be written: the disk is full. Free some space and try again.', path);
  }
  if (error === 'EROFS') {
    return t('{0} is on a read-only disk. Make it writable, or set XDG_STATE_HOME to another folder of yours.', path);
  }
  if (code === 'notWritten') {
    return t('{0} cannot be written ({1}). Your account must be able to write there.', path, error);
  }
  if (error === 'EEXIST' || error === 'ENOTDIR') return fileInTheWay(path, t);
  return t('{0} cannot be created ({1}). Your account must be able to write there.', path, error);
}

function fileInTheWay(path: string, t: Translate): string {
  return t('{0} cannot be created: there is a file in its place or above it. Move that file away.', path);
}
