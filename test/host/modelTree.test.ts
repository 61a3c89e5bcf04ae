import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { TreeNode } from '../../src/ui/model/treeNode.ts';
import { ModelTree } from '../../src/ui/views/modelTree.ts';

/** A tree that has shown some nodes, and what it asks VS Code to draw anew from then on. */
function treeOf(roots: readonly TreeNode[]) {
  const tree = new ModelTree();
  tree.update(roots);
  const redrawn: (readonly string[] | undefined)[] = [];
  tree.onDidChangeTreeData((ids) => redrawn.push(ids));
  return { tree, redrawn };
}

const child: TreeNode = { id: 'a/state', label: 'State', description: 'healthy' };
const roots: readonly TreeNode[] = [
  { id: 'a', label: 'A', description: 'fine', children: [child] },
  { id: 'b', label: 'B' },
];

describe('the tree of a model', () => {
  it('draws nothing anew while nothing has changed', () => {
    const { tree, redrawn } = treeOf(roots);
    tree.update(structuredClone(roots) as TreeNode[]);
    assert.deepEqual(redrawn, []);
  });

  it('draws only the node whose text has changed', () => {
    const { tree, redrawn } = treeOf(roots);
    tree.update([{ ...roots[0], id: 'a', label: 'A', description: 'worse' }, roots[1] as TreeNode]);
    tree.update([
      { id: 'a', label: 'A', description: 'worse', children: [{ ...child, description: 'open' }] },
      roots[1] as TreeNode,
    ]);
    assert.deepEqual(redrawn, [['a'], ['a/state']]);
  });

  it('draws all anew when nodes come, go or change places', () => {
    const { tree, redrawn } = treeOf(roots);
    tree.update(roots.toReversed());
    tree.update(roots.slice(0, 1));
    assert.deepEqual(redrawn, [undefined, undefined]);
  });

  it('draws a node anew that has got or lost a child', () => {
    const { tree, redrawn } = treeOf(roots);
    tree.update([{ ...(roots[0] as TreeNode), children: [] }, roots[1] as TreeNode]);
    assert.deepEqual(redrawn, [['a']]);
  });

  it('gives items with what the model says', () => {
    const node: TreeNode = {
      id: 'x',
      label: 'X',
      description: 'd',
      tooltip: '**bold**',
      icon: { id: 'error', color: 'list.errorForeground' },
      contextValue: 'endpoint enabled',
      accessibilityLabel: 'X, open',
    };
    const { tree } = treeOf([node]);
    const item = tree.getTreeItem('x');
    assert.equal(item.id, 'x');
    assert.equal(item.label, 'X');
    assert.equal(item.description, 'd');
    assert.equal((item.tooltip as vscode.MarkdownString).value, '**bold**');
    assert.equal((item.iconPath as vscode.ThemeIcon).id, 'error');
    assert.equal((item.iconPath as vscode.ThemeIcon).color?.id, 'list.errorForeground');
    assert.equal(item.contextValue, 'endpoint enabled');
    assert.deepEqual(item.accessibilityInformation, { label: 'X, open' });
    assert.deepEqual(tree.getChildren(), ['x']);
  });
});
