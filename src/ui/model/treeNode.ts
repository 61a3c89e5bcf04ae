/** The picture of a node: a product icon and, where it means something, a theme colour. */
export interface NodeIcon {
  readonly id: string;
  readonly color?: string;
}

/** A node of a tree view as plain data: equal data, equal look. */
export interface TreeNode {
  /** Unique in its tree, and the same as long as it stands for the same thing. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown. */
  readonly tooltip?: string;
  readonly icon?: NodeIcon;
  /** Words that the manifest's menus look for. */
  readonly contextValue?: string;
  /** What a screen reader says; holds no countdown, or it would talk without end. */
  readonly accessibilityLabel?: string;
  /** What the node's commands act on. */
  readonly subject?: string;
  readonly isExpanded?: boolean;
  readonly children?: readonly TreeNode[];
}

/** Text that comes from outside, for Markdown: nothing in it is a link, an image or a format. */
export function plainMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, '\\$&').replace(/\s+/g, ' ');
}
