import assert from 'node:assert/strict';
import { RunDisplay } from '../../run/runDisplay.ts';

/** The output of a display that is told to `act`; its clock advances a second with each reading. */
function shown(isTTY: boolean, act: (display: RunDisplay) => void): string {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  let nowMs = 0;
  const now = (): number => {
    nowMs += 1000;
    return nowMs;
  };
  act(new RunDisplay({ isTTY, columns: 40, write }, now));
  return text;
}

describe('what a run shows', () => {
  it('are blocks that do not mix, each with its end', () => {
    const text = shown(false, (display) => {
      display.begin('unit');
      display.begin('e2e 1/2');
      display.end('unit', 'one\ntwo\n', '2 passed, 0 failed');
      display.end('e2e 1/2', '', '1 passed, 0 failed');
    });
    assert.equal(
      text,
      '... unit\n... e2e 1/2\n' +
        '\n=== unit\none\ntwo\n=== unit: 2 passed, 0 failed in 2 s\n' +
        '\n=== e2e 1/2\n=== e2e 1/2: 1 passed, 0 failed in 2 s\n',
    );
  });

  it('has on a terminal what runs as its last line, no longer than the terminal is wide', () => {
    const text = shown(true, (display) => {
      display.begin('integration 1/3');
      display.begin('integration 2/3');
    });
    const last = text.split('\r\u001b[K').at(-1) ?? '';
    assert.ok(last.startsWith('integration 1/3 ('), last);
    assert.equal(last.length, 39);
  });
});
