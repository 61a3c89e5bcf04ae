import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { StatusItem } from '../../src/ui/model/trees/statusBarText.ts';
import { drawItem } from '../../src/ui/views/statusBar.ts';

/** An item that counts what is set in it: VS Code sends each of that to the window, whether it differs or not. */
function countingItem() {
  const sets: string[] = [];
  const item = new Proxy({} as vscode.StatusBarItem, {
    set: (target, name, value) => {
      sets.push(String(name));
      return Reflect.set(target, name, value);
    },
  });
  return { item, sets };
}

const shown: StatusItem = { text: '2/2', tooltip: 'all well', severity: 'none', accessibilityLabel: 'Signalbox' };

describe('an item of the status bar', () => {
  it('is drawn once while it says the same', () => {
    const { item, sets } = countingItem();
    for (let event = 0; event < 50; event += 1) drawItem(item, { ...shown });
    assert.deepEqual(sets.toSorted(), ['accessibilityInformation', 'backgroundColor', 'text', 'tooltip']);
  });

  it('keeps its tooltip open when only its text changes', () => {
    const { item, sets } = countingItem();
    drawItem(item, shown);
    drawItem(item, { ...shown, text: '1/2' });
    assert.equal(item.text, '1/2');
    assert.equal(sets.filter((name) => name === 'tooltip').length, 1);
  });
});
