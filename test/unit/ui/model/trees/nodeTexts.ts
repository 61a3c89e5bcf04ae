import type { TreeNode } from '../../../../../src/ui/model/treeNode.ts';

/** The nodes and all that is below them. */
export function withChildren(nodes: readonly TreeNode[]): TreeNode[] {
  return nodes.flatMap((node) => [node, ...withChildren(node.children ?? [])]);
}

/** The text that VS Code gives to a screen reader for a node. */
export function spoken({ accessibilityLabel, label, description = '' }: TreeNode): string {
  return accessibilityLabel ?? `${label} ${description}`;
}

/** All that can be read of the nodes and of what is below them. */
export function textsOf(nodes: readonly TreeNode[]): string[] {
  return withChildren(nodes).flatMap(({ label, description, tooltip, accessibilityLabel }) =>
    [label, description, tooltip, accessibilityLabel].filter((text) => text !== undefined),
  );
}
