import assert from 'node:assert/strict';
import type { FolderProblem } from '../../../../../src/contract/launch.ts';
import { folderText } from '../../../../../src/ui/model/texts/folderText.ts';
import { chinese, english } from '../viewContexts.ts';

const path = '/home/me/.local/state/signalbox/my host';
const cases: Readonly<Record<FolderProblem['code'], readonly (readonly [error: string, words: RegExp])[]>> = {
  notCreated: [
    ['EROFS', /read-only disk\. .+XDG_STATE_HOME/],
    ['EDQUOT', /disk is full/],
    ['ENOTDIR', /a file in its place/],
    ['EEXIST', /a file in its place/],
    ['EACCES', /cannot be created \(EACCES\)\. Your account/],
  ],
  notWritten: [
    ['EROFS', /read-only disk/],
    ['ENOSPC', /disk is full\. Free some space/],
    ['EACCES', /cannot be written \(EACCES\)\. Your account/],
    ['EISDIR', /cannot be written \(EISDIR\)\. Your account/],
  ],
  notFolder: [['', /a file in its place/]],
  otherOwner: [['', /belongs to another user.+Remove it/]],
  writableByOthers: [['', /chmod 700/]],
  inUse: [['', /used by the gateway at port .+\. Stop that one/]],
  noToken: [['', /Delete the file/]],
};

describe('the reason why a state folder is unusable', () => {
  for (const [code, expected] of Object.entries(cases)) {
    for (const [error, words] of expected) {
      it(`${[code, error].join(' ').trim()} has a remedy and names the folder, in both languages`, () => {
        const problem = { code, path, ...(error === '' ? {} : { error }) } as FolderProblem;
        const text = folderText(problem, english);
        assert.match(text, words);
        assert.ok(text.startsWith(path), text);
        const translated = folderText(problem, chinese);
        assert.match(translated, /\p{Script=Han}/u);
        assert.ok(translated.includes(path), translated);
        assert.equal(translated.includes(error), text.includes(error), translated);
      });
    }
  }
});
