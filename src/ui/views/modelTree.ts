import * as vscode from 'vscode';
import type { TreeNode } from '../model/treeNode.ts';

/**
 * Shows a tree of plain nodes. Elements are node ids, so that selection and expansion survive changes; only changed nodes are
 * redrawn.
 */
export class ModelTree implements vscode.TreeDataProvider<string>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<string[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #roots: readonly TreeNode[] = [];
  #byId: ReadonlyMap<string, Placed> = new Map();

  update(roots: readonly TreeNode[]): void {
    const before = this.#byId;
    const hasOtherRoots = idsOf(roots) !== idsOf(this.#roots);
    this.#roots = roots;
    this.#byId = placed(roots);
    const isRedrawn = ([id, { look }]: [string, Placed]) => before.has(id) && before.get(id)?.look !== look;
    const redrawn = [...this.#byId].filter(isRedrawn).map(([id]) => id);
    if (hasOtherRoots) this.#changed.fire(undefined);
    else if (redrawn.length > 0) this.#changed.fire(redrawn);
  }

  /** Draws a node again, although it has not changed: what was clicked there may have come to nothing. */
  redraw(id: string): void {
    if (this.#byId.has(id)) this.#changed.fire([id]);
  }

  getChildren(id?: string): string[] {
    const nodes = id === undefined ? this.#roots : (this.#byId.get(id)?.node.children ?? []);
    return nodes.map((node) => node.id);
  }

  getParent(id: string): string | undefined {
    return this.#byId.get(id)?.parent;
  }

  getTreeItem(id: string): vscode.TreeItem {
    const node = this.#byId.get(id)?.node ?? { id, label: '' };
    const item = new vscode.TreeItem(node.label, collapsibleState(node));
    item.id = node.id;
    if (node.description !== undefined) item.description = node.description;
    if (node.contextValue !== undefined) item.contextValue = node.contextValue;
    if (node.icon !== undefined) {
      const color = node.icon.color === undefined ? undefined : new vscode.ThemeColor(node.icon.color);
      item.iconPath = new vscode.ThemeIcon(node.icon.id, color);
    }
    const plain = node.description === undefined ? node.label : `${node.label}: ${node.description}`;
    item.tooltip = node.tooltip === undefined ? plain : markdown(node.tooltip);
    if (node.accessibilityLabel !== undefined) item.accessibilityInformation = { label: node.accessibilityLabel };
    if (node.command !== undefined) item.command = { command: node.command, title: node.label };
    if (node.isChecked !== undefined) {
      const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
      item.checkboxState = node.isChecked ? Checked : Unchecked;
    }
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

interface Placed {
  readonly node: TreeNode;
  readonly parent: string | undefined;
  /** Everything that is drawn of a node, with the ids of its children. */
  readonly look: string;
}

function placed(roots: readonly TreeNode[]): Map<string, Placed> {
  const byId = new Map<string, Placed>();
  const place = (node: TreeNode, parent: string | undefined): void => {
    const { children = [], ...self } = node;
    byId.set(node.id, { node, parent, look: `${JSON.stringify(self)} ${idsOf(children)}` });
    for (const child of children) place(child, node.id);
  };
  for (const root of roots) place(root, undefined);
  return byId;
}

function idsOf(nodes: readonly TreeNode[]): string {
  return JSON.stringify(nodes.map(({ id }) => id));
}

function collapsibleState({ children = [], isExpanded = false }: Pick<TreeNode, 'children' | 'isExpanded'>) {
  if (children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return isExpanded ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

function markdown(text: string): vscode.MarkdownString {
  return new vscode.MarkdownString(text, true);
}
