import type { Translate } from '../viewContext.ts';

type Words = (t: Translate, groups: readonly string[]) => string;

/** The gateway's messages about an unusable state folder, with their translation and remedy. */
const phrases: readonly (readonly [RegExp, Words])[] = [
  [
    /^The state folder (.+) cannot be (?:created|written) \((?:ENOSPC|EDQUOT)\)/s,
    (t, [path = '']) => t('{0} cannot be written: the disk is full. Make room and try again.', path),
  ],
  [
    /^The state folder (.+) cannot be (?:created|written) \(EROFS\)/s,
    (t, [path = '']) =>
      t(
        '{0} is on a disk that is read-only. Make it writable, or set XDG_STATE_HOME to another folder of yours.',
        path,
      ),
  ],
  [
    /^The state folder (.+) cannot be created \((?:EEXIST|ENOTDIR)\)/s,
    (t, [path = '']) => t('{0} cannot be made: a file is in its place, or above it. Move that file away.', path),
  ],
  [
    /^The state folder (.+) cannot be created \((.+?)\)/s,
    (t, [path = '', code = '']) => t('{0} cannot be made ({1}). Your account must be able to write there.', path, code),
  ],
  [
    /^The state folder (.+) cannot be written \((.+?)\)/s,
    (t, [path = '', code = '']) =>
      t('{0} cannot be written ({1}). Your account must be able to write there.', path, code),
  ],
  [
    /^The state folder (.+) is not a folder/s,
    (t, [path = '']) => t('{0} cannot be made: a file is in its place, or above it. Move that file away.', path),
  ],
  [
    /^The state folder (.+) belongs to another user/s,
    (t, [path = '']) =>
      t('{0} belongs to another user, who could read and change what is in it. Remove it, or make it yours.', path),
  ],
  [
    /^The state folder (.+) can be written by others/s,
    (t, [path = '']) => t('{0} can be written by others. Run chmod 700 on it.', path),
  ],
  [
    /^The state folder (.+) holds no token/s,
    (t, [path = '']) => t('{0} holds no token. Delete that file; a new one is made.', path),
  ],
];

/** The reason why a state folder is unusable and the remedy, translated; unknown texts stay unchanged. */
export function folderText(detail: string, t: Translate): string {
  for (const [pattern, words] of phrases) {
    const match = pattern.exec(detail);
    if (match !== null) return words(t, match.slice(1));
  }
  return detail;
}
