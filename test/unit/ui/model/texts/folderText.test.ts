import assert from 'node:assert/strict';
import { folderText } from '../../../../../src/ui/model/texts/folderText.ts';
import { english, wordless, wordsIn } from '../viewContexts.ts';

const remedy = 'Name another one with --state-dir.';
const folder = '/home/me/.local/state/signalbox/my host';

describe('what is wrong with a state folder', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['cannot be created (EROFS).', /read-only\. .+XDG_STATE_HOME/],
    ['cannot be written (EROFS).', /read-only/],
    ['cannot be written (ENOSPC).', /disk is full\. Make room/],
    ['cannot be created (EDQUOT).', /disk is full/],
    ['cannot be created (EACCES).', /cannot be made \(EACCES\)\. Your account/],
    ['cannot be written (EACCES).', /cannot be written \(EACCES\)\. Your account/],
    ['cannot be created (ENOTDIR).', /a file is in its place/],
    ['is not a folder.', /a file is in its place/],
    ['belongs to another user.', /belongs to another user.+Remove it/],
    ['can be written by others (run: chmod 700).', /chmod 700/],
    ['holds no token; delete it, a new one is made.', /Delete that file/],
  ];

  for (const [why, words] of cases) {
    it(`(${why.replace(/\.$/, '')}) is said with a remedy and the folder, in any language`, () => {
      const detail = `The state folder ${folder} ${why} ${remedy}`;
      const text = folderText(detail, english);
      assert.match(text, words);
      assert.ok(text.startsWith(folder), text);
      assert.ok(!text.includes('--state-dir'), 'a remedy of the command line');
      assert.deepEqual(wordsIn(folderText(detail, wordless), folder, 'EACCES'), []);
    });
  }

  it('stays as it is where nothing is known of it', () => {
    assert.equal(folderText('out of luck', english), 'out of luck');
  });
});
