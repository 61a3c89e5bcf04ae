import assert from 'node:assert/strict';
import type { FolderProblem } from '../../../../src/contract/launch.ts';
import { launchFailure } from '../../../../src/gateway/process/launchReport.ts';
import { StateDirectoryError } from '../../../../src/gateway/process/stateDirectoryError.ts';

const path = '/state';
const folderProblems: Readonly<Record<FolderProblem['code'], readonly [problem: FolderProblem, english: string]>> = {
  notCreated: [{ code: 'notCreated', path, error: 'EROFS' }, 'The state folder /state cannot be created (EROFS).'],
  notWritten: [{ code: 'notWritten', path, error: 'ENOSPC' }, 'The state folder /state cannot be written (ENOSPC).'],
  notFolder: [{ code: 'notFolder', path }, 'The state folder /state is not a folder.'],
  otherOwner: [{ code: 'otherOwner', path }, 'The state folder /state belongs to another user.'],
  writableByOthers: [
    { code: 'writableByOthers', path },
    'The state folder /state can be written by others (run: chmod 700).',
  ],
  inUse: [
    { code: 'inUse', path, port: '8418', pid: '42' },
    'The state folder /state is used by the gateway at port 8418 (process 42): stop that one first.',
  ],
  noToken: [{ code: 'noToken', path }, '/state contains no token; delete it, a new one will be created.'],
};

describe('launchFailure', () => {
  it('has a text for whatever was thrown', () => {
    for (const thrown of [null, undefined, 'text', 0, Object.create(null)]) {
      const { failure, message } = launchFailure(thrown);
      assert.equal(failure, 'crashed');
      assert.ok(message.length > 0);
    }
  });

  it('C4: says which gateway has the port already, and what can be done; another program stays one', () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 8417 });
    const other = launchFailure(error);
    assert.equal(other.message, 'port 8417 is taken by another program. Choose another one with --port or "port".');
    const starters = { window: 'started by VS Code', config: 'started with --config', demo: 'the demo' } as const;
    for (const owner of ['window', 'config', 'demo'] as const) {
      const { failure, message } = launchFailure(error, { pid: 4242, owner });
      assert.equal(failure, 'portTaken');
      const head = `Signalbox already runs at http://127.0.0.1:8417 (process 4242, ${starters[owner]}). Use that one, or stop it`;
      assert.ok(message.startsWith(head), message);
      assert.match(message, /--port .* --state-dir/);
    }
  });

  for (const [problem, english] of Object.values(folderProblems)) {
    it(`tells that the state folder is ${problem.code} to the window as a code, and to people in English`, () => {
      const message = `${english} Choose another folder with --state-dir.`;
      assert.deepEqual(launchFailure(new StateDirectoryError(problem)), { failure: 'stateFolder', message, problem });
    });
  }
});
